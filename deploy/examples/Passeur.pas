unit Passeur;
{ Un PDF/A-1 de votre logiciel -> un document au DMP et dans les boîtes MSSanté. Delphi 2009 et plus, Indy 10.
  La demande est du JSON en UTF-8 ; le nom du fichier peut rester en Windows-1252, il ne sert qu'à s'y retrouver. }

interface

uses
  System.SysUtils, System.Classes, IdHTTP, IdMultipartFormData;

function DemanderDocument(const Url, Cle, AppelUnique: string; Demande: TStream; const FichierPdf: string;
  out Statut: Integer): string;

implementation

{ Statut : 202 gardé, 422 à corriger (le corps nomme vos champs), 409 même AppelUnique pour un autre appel,
  429 et 503 à refaire plus tard avec le même AppelUnique. Sans réponse : refaire de même, rien ne part deux fois. }
function DemanderDocument(const Url, Cle, AppelUnique: string; Demande: TStream; const FichierPdf: string;
  out Statut: Integer): string;
var
  Http: TIdHTTP;
  Formulaire: TIdMultiPartFormDataStream;
begin
  Http := TIdHTTP.Create(nil);
  Formulaire := TIdMultiPartFormDataStream.Create;
  try
    Http.HTTPOptions := Http.HTTPOptions + [hoNoProtocolErrorException, hoWantProtocolErrorContent];
    Http.ProtocolVersion := pv1_1;
    Http.Request.CustomHeaders.Values['Authorization'] := 'Bearer ' + Cle;
    Http.Request.CustomHeaders.Values['Idempotency-Key'] := AppelUnique;
    Formulaire.AddFormField('request', 'application/json', 'utf-8', Demande).ContentTransfer := 'binary';
    Formulaire.AddFile('file', FichierPdf, 'application/pdf');
    Result := Http.Post(Url + '/v1/documents', Formulaire);
    Statut := Http.ResponseCode;
  finally
    Formulaire.Free;
    Http.Free;
  end;
end;

end.
