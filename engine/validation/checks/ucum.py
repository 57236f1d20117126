"""The grammar of units: is this a unit of UCUM (Unified Code for Units of Measure, 2.1, case-sensitive form)?

A unit is made of factors joined by `.` and `/`; a factor is a number or an atom, with a prefix if the atom is
metric, and an exponent; `{words}` are annotations.
"""

from __future__ import annotations

import re
from functools import lru_cache

_METRIC_ATOMS = """
m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb T H lm lx Bq Gy Sv l L ar t bar u eV pc kat U [iU] [IU] osm
eq g% st mho cal cal_[15] cal_[20] cal_m cal_IT cal_th dyn erg P St Gal Gb G Oe Mx Bi Ky Lmb ph sb Ci R RAD
REM gf b B Np B[SPL] B[V] B[mV] B[uV] B[W] B[kW] bit By Bd Cel m[H2O] m[Hg] [g] [c] [h] [k] [eps_0] [mu_0] [e]
[m_e] [m_p] [G] [ly] tex
"""
"""Atoms that take a prefix."""
_WHOLE_ATOMS = """
10* 10^ % [ppth] [ppm] [ppb] [pptr] [pi] deg gon ' '' min h d wk mo mo_s mo_j mo_g a a_t a_j a_g atm att AU Ao
circ sph lbf_av [lbf_av] [psi] Torr Cel [degF] [degR] [degRe] [pH] [diop] [p'diop] %[slope] [mesh_i] [Ch]
[drp] bit_s [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i]
[bf_i] [cr_i] [mil_i] [cml_i] [hd_i] [in_us] [ft_us] [yd_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us]
[fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us] [in_br] [ft_br] [rd_br] [ch_br]
[lk_br] [fth_br] [pc_br] [yd_br] [mi_br] [nmi_br] [kn_br] [acr_br] [in_uk] [ft_uk] [gal_us] [bbl_us] [qt_us]
[pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us] [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us]
[tsp_us] [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br]
[fdr_br] [min_br] [gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr]
[oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] [lne] [pnt] [pca] [pnt_pr] [pca_pr] [pied] [pouce]
[ligne] [didot] [cicero] [Cal] [Btu] [Btu_39] [Btu_59] [Btu_60] [Btu_m] [Btu_IT] [Btu_th] [HP] [den]
[in_i'H2O] [in_i'Hg] [PRU] [wood'U] [car_m] [car_Au] [smoot] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M]
[kp_Q] [S] [HPF] [LPF] [MET] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U]
[smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU]
[AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [hnsf'U] [ELU] [EU] [NTU] [FNU]
"""
"""Atoms that take none."""
_METRIC = frozenset(_METRIC_ATOMS.split())
_WHOLE = frozenset(_WHOLE_ATOMS.split())
_PREFIXES = ("da", "Ki", "Mi", "Gi", "Ti", *"YZEPTGMkhdcmunpfazy")
_FACTOR = re.compile(r"(?P<symbol>10[*^]|(?:[^\d+\-./{}()\[\]]|\[[^\]]*\])+)(?P<exponent>[+-]?\d+)?$|(?P<number>\d+)$")
_ANNOTATION = re.compile(r"\{[\x21-\x7a\x7c\x7e]*\}")


@lru_cache(maxsize=512)
def is_ucum(unit: str) -> bool:
    """True when the unit is made of UCUM's atoms by UCUM's grammar."""
    if not unit or any(not "\x21" <= sign <= "\x7e" for sign in unit):
        return False
    bare = _ANNOTATION.sub("{}", unit)
    if bare == "{}":
        return True
    if "{" in bare.replace("{}", "") or "}" in bare.replace("{}", ""):
        return False
    return _product(bare)


def _product(text: str) -> bool:
    """Factors between `.` and `/`; a group in parentheses is a factor."""
    parts = _split(text.removeprefix("/"))
    return parts is not None and all(map(_factor, parts))


def _split(text: str) -> list[str] | None:
    parts, depth, current = [], 0, ""
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return None
        if sign in "./" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += sign
    return [*parts, current] if depth == 0 else None


def _factor(text: str) -> bool:
    if text.startswith("(") and text.endswith(")"):
        return _product(text[1:-1])
    plain = text.removesuffix("{}")
    if not plain:
        return text == "{}"
    found = _FACTOR.match(plain)
    if found is None:
        return False
    return found["number"] is not None or _is_atom(found["symbol"])


def _is_atom(symbol: str) -> bool:
    if symbol in _METRIC or symbol in _WHOLE:
        return True
    return any(symbol.startswith(prefix) and symbol[len(prefix) :] in _METRIC for prefix in _PREFIXES)
