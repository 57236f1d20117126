"""The fixed part of every compiled schema: how documents handed in are found, and their indexes."""

from __future__ import annotations

from lxml import etree

XSL = "http://www.w3.org/1999/XSL/Transform"
OURS = "urn:passeur:schematron"
DOCUMENTS = f"{{{OURS}}}documents"
"""Name of the stylesheet's parameter: a map from relative address to document."""
NOTHING = "<r/>"
"""What a stylesheet writes of a document that breaks no rule."""
MISSING = "absent-document"
"""Said by the error raised when a rule reads a document that the pack does not hold."""

_PRELUDE = """
<xsl:stylesheet version="3.0" exclude-result-prefixes="#all" expand-text="no"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:p="urn:passeur:schematron"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:map="http://www.w3.org/2005/xpath-functions/map">
  <xsl:output method="xml" indent="no" omit-xml-declaration="yes"/>
  <xsl:param name="p:documents" select="map{}"/>
  <xsl:variable name="p:ClinicalDocument" select="//Q{urn:hl7-org:v3}ClinicalDocument"/>
  <xsl:variable name="p:structuredBody" select="//Q{urn:hl7-org:v3}structuredBody"/>
  <xsl:key name="p:template" match="*[Q{urn:hl7-org:v3}templateId/@root]" use="Q{urn:hl7-org:v3}templateId/@root"/>
  <xsl:key name="p:concept" match="Q{urn:ihe:iti:svs:2008}Concept" use="concat(@code, '|', @codeSystem)"/>
  <xsl:key name="p:leaf" match="*[not(*)]" use="string(.)"/>
  <xsl:function name="p:failed">
    <xsl:param name="node"/><xsl:param name="assertion"/><xsl:param name="pattern"/>
    <f a="{$assertion}" p="{$pattern}" l="{path($node)}"/>
  </xsl:function>
  <xsl:function name="p:document">
    <xsl:param name="address"/>
    <xsl:sequence select="for $a in $address return if (map:contains($p:documents, string($a)))
      then $p:documents(string($a))
      else error(QName('urn:passeur:schematron', 'absent-document'), concat('absent-document ', $a))"/>
  </xsl:function>
  <xsl:function name="p:doc">
    <xsl:param name="address"/>
    <xsl:sequence select="p:document($address)"/>
  </xsl:function>
  <xsl:function name="p:doc-available">
    <xsl:param name="address"/>
    <xsl:sequence select="map:contains($p:documents, string($address))"/>
  </xsl:function>
  <xsl:function name="p:concept">
    <xsl:param name="address"/><xsl:param name="code"/><xsl:param name="system"/>
    <xsl:sequence select="for $d in p:document($address), $c in $code, $s in $system
      return key('p:concept', concat($c, '|', $s), $d)"/>
  </xsl:function>
  <xsl:function name="p:leaf">
    <xsl:param name="address"/><xsl:param name="text"/>
    <xsl:sequence select="key('p:leaf', string($text), p:document($address))"/>
  </xsl:function>
</xsl:stylesheet>
"""


def prelude(namespaces: tuple[tuple[str, str], ...]) -> etree._Element:
    """A stylesheet without rules yet, with the prefixes that its expressions use."""
    source = etree.fromstring(_PRELUDE, etree.XMLParser(remove_blank_text=True))
    names = {**dict(namespaces), **{k: v for k, v in source.nsmap.items() if k}}
    root = etree.Element(source.tag, dict(source.attrib), names)
    root.extend(list(source))
    return root


def element(tag: str, /, **attributes: str) -> etree._Element:
    """An instruction of XSLT; `_` in a name stands for `-`."""
    found = etree.Element(f"{{{XSL}}}{tag}")
    for key, value in attributes.items():
        found.set(key.replace("_", "-"), value)
    return found
