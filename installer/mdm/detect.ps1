# Detection rule for Intune, untested on Windows: exit code 0 and a line when the gate is installed and sound, else 1.
$key = Get-ItemProperty -Path 'HKLM:\SOFTWARE\Skillwarden' -ErrorAction SilentlyContinue
if (-not $key) { exit 1 }
$java = Join-Path $key.InstallDir 'runtime\bin\java.exe'
$line = & $java '-cp' (Join-Path $key.InstallDir 'lib\*') 'dev.skillwarden.cli.Main' 'claude' 'verify' '--oneline' 2>&1 | Select-Object -First 1
if ($LASTEXITCODE -ne 0) { exit 1 }
Write-Output "healthy: $line"
exit 0
