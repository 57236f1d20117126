# Un PDF/A-1 de votre logiciel -> un document au DMP et dans les boites MSSante. PowerShell 5.1 et plus, sans module.
# .\call.ps1 [-Request demande.json] [-File document.pdf]; PASSEUR_URL et PASSEUR_KEY disent ou, et avec quelle cle.
param(
    [string]$Request = (Join-Path $PSScriptRoot 'request.json'),
    [string]$File = (Join-Path $PSScriptRoot 'lettre.pdf')
)
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Net.Http
$url = if ($env:PASSEUR_URL) { $env:PASSEUR_URL } else { 'http://127.0.0.1:18080' }
$client = New-Object System.Net.Http.HttpClient
$client.DefaultRequestHeaders.Add('Authorization', "Bearer $($env:PASSEUR_KEY)")
$sha = [System.Security.Cryptography.SHA256]::Create()
$all = [System.IO.File]::ReadAllBytes($Request) + [System.IO.File]::ReadAllBytes($File)
$client.DefaultRequestHeaders.Add('Idempotency-Key', [BitConverter]::ToString($sha.ComputeHash($all)).Replace('-', ''))
$form = New-Object System.Net.Http.MultipartFormDataContent
# Les octets du fichier tels quels : la demande est deja en UTF-8.
$form.Add((New-Object System.Net.Http.ByteArrayContent(, [System.IO.File]::ReadAllBytes($Request))), 'request')
$form.Add((New-Object System.Net.Http.ByteArrayContent(, [System.IO.File]::ReadAllBytes($File))), 'file', 'lettre.pdf')
$answer = $client.PostAsync("$url/v1/documents", $form).Result
$told = $answer.Content.ReadAsStringAsync().Result
Write-Output $told
if (-not $answer.IsSuccessStatusCode) { exit 1 }
