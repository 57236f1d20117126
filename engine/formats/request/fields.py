"""What a host software says to ask for a document. Nothing that the catalogue decides is asked for.

Every name here is the field an error names. Absent means "not said": nothing is filled in for it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field

from engine.model.instructions import Visibility

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Line = Annotated[str, Field(max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Authority = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9]\d*))+$", max_length=64)]
Date = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", examples=["1974-05-12"])]
"""As precise as it is known: 1974, 1974-05 or 1974-05-12."""
Mailbox = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PostalAddress(Fields):
    lines: Annotated[tuple[Line, ...], Field(max_length=6, description="Lignes, du numéro à la rue")] = ()
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    city: Line | None = None
    country: Line | None = None


class PatientNumber(Fields):
    value: Number
    authority: Annotated[str, Field(description="OID de qui a donné ce numéro ; absent : votre structure")] | None = (
        None
    )


class InsFields(Fields):
    matricule: Annotated[str, Field(pattern=r"^\d{5}[0-9AB]\d{9}$", description="15 caractères, clé comprise")]
    nature: Annotated[Literal["NIR", "NIA"], Field(description="Nature du matricule")] = "NIR"
    status: Annotated[
        Literal["provisoire", "récupérée", "validée", "qualifiée"],
        Field(description="Statut de l'identité dans votre logiciel ; seul « qualifiée » fait partir le matricule"),
    ]


class BirthPlaceFields(Fields):
    cog: Annotated[str, Field(pattern=r"^\d[0-9AB]\d{3}$", description="Code INSEE de la commune ou du pays (99xxx)")]
    city: Line | None = None


class PatientFields(Fields):
    numbers: Annotated[tuple[PatientNumber, ...], Field(min_length=1, description="Numéros du patient (IPP)")]
    ins: InsFields | None = None
    birth_name: Annotated[Text, Field(description="Nom de naissance")]
    used_name: Annotated[Text, Field(description="Nom utilisé")] | None = None
    birth_given_names: Annotated[
        tuple[Text, ...], Field(min_length=1, description="Prénoms de naissance, dans l'ordre de l'état civil")
    ]
    first_given_name: Annotated[Text, Field(description="Premier prénom ; absent : le premier de la liste")] | None = (
        None
    )
    used_given_name: Annotated[Text, Field(description="Prénom utilisé")] | None = None
    sex: Annotated[Literal["F", "M", "UN"], Field(description="Sexe ; UN : indéterminé")]
    birth_date: Annotated[Date, Field(description="Date de naissance, aussi précise qu'elle est connue")]
    birth_place: BirthPlaceFields | None = None
    address: PostalAddress | None = None
    phones: tuple[Line, ...] = ()


class ProfessionalFields(Fields):
    rpps: Annotated[str, Field(pattern=r"^\d{11}$", description="RPPS, 11 chiffres")] | None = None
    code: (
        Annotated[Line, Field(description="Votre code de ce professionnel, tel que déclaré dans routes.yaml")] | None
    ) = None
    family: Annotated[Text, Field(description="Nom d'exercice")] | None = None
    given: Annotated[Text, Field(description="Prénom d'exercice")] | None = None
    specialty: Annotated[str, Field(max_length=40, examples=["G15_10/SM26"], description="JDV_J01")] | None = None
    specialty_label: Line | None = None


class AuthorFields(ProfessionalFields):
    no_longer_practises: Annotated[
        bool,
        Field(description="L'auteur a quitté le RPPS (document du passé) : la structure devient coauteur"),
    ] = False


class Correspondent(ProfessionalFields):
    role: Annotated[
        Literal["addressee", "treating", "addressing", "copy"],
        Field(description="Destinataire, médecin traitant, médecin adresseur, ou en copie"),
    ] = "addressee"
    mailbox: Annotated[Mailbox, Field(description="Boîte MSSanté")] | None = None


class ActFields(Fields):
    start: Annotated[AwareDatetime, Field(description="Date et heure de l'acte, avec son fuseau")]
    stop: AwareDatetime | None = None
    number: Annotated[Number, Field(description="Votre numéro de l'acte ou du dossier")] | None = None


class OrderNumber(Fields):
    value: Number
    authority: Annotated[str, Field(description="OID de qui a donné le numéro ; absent : votre structure")] | None = (
        None
    )


class Content(Fields):
    """One of them; a file sent beside (multipart) stands for `pdf`."""

    pdf: Annotated[Base64Bytes, Field(description="PDF/A-1 en base64")] | None = None
    text: Annotated[str, Field(max_length=500_000, description="Texte, mis en page par Passeur")] | None = None
    html: (
        Annotated[
            str,
            Field(
                max_length=1_000_000,
                description="HTML simple (paragraphes, titres, listes, tableaux, sans style), mis en page ici ; "
                "refusé dès qu'un style, une image ou un lien serait perdu",
            ),
        ]
        | None
    ) = None


class SendingFields(Fields):
    """Said for this document only: nothing of it is remembered. Absent: what the catalogue says."""

    dmp: bool | None = None
    professionals: bool | None = None
    patient: bool | None = None
    deferral_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    visibility: Annotated[
        tuple[Visibility, ...],
        Field(
            description="À qui le document est masqué dans le DMP. Une version qui en remplace une masquée le reste ; "
            "pour la montrer : POST /v1/documents/{id}/visibility"
        ),
    ] = ()
    patient_may_reply: bool = True


class DocumentRequest(Fields):
    document: (
        Annotated[Line, Field(description="Nom du document au catalogue", examples=["lettre-adressage"])] | None
    ) = None
    kind: (
        Annotated[Line, Field(description="Votre propre genre de document, déclaré une fois dans la table")] | None
    ) = None
    profession: Annotated[Line, Field(description="Absent : celle de la structure")] | None = None
    profile: Annotated[Line, Field(description="Absent : celui de la structure")] | None = None
    number: Annotated[
        Number, Field(description="Votre numéro du document : le même, avec un autre contenu, remplace le précédent")
    ]
    title: Annotated[Text, Field(max_length=200, description="Absent : le nom du catalogue")] | None = None
    created_at: Annotated[AwareDatetime, Field(description="Date de création ; absente : celle de l'appel")] | None = (
        None
    )
    signed_at: Annotated[AwareDatetime, Field(description="Date de validation par l'auteur")] | None = None
    patient: PatientFields
    author: AuthorFields
    act: ActFields | None = None
    correspondents: tuple[Correspondent, ...] = ()
    order_number: Annotated[OrderNumber, Field(description="Numéro de la demande (imagerie)")] | None = None
    content: Content = Content()
    sending: SendingFields = SendingFields()
    type_code: Line | None = None
    """Like the three below, only to be compared: the catalogue decides."""
    class_code: Line | None = None
    format_code: Line | None = None
    template: Line | None = None
