#!/bin/sh
# An authority with the constraints of ours whose key is known, as ours would be had it been kept,
# and a certificate of it for another name. Needs openssl.
#
#   authority.sh DIR      leaves ca.pem, and other.pem with key and certificate
set -eu
cd "$1"
cat >ca.cnf <<'EOF'
[req]
distinguished_name = dn
x509_extensions = v3
prompt = no
[dn]
CN = Kept authority
[v3]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign
nameConstraints = critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255
subjectKeyIdentifier = hash
EOF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -config ca.cnf -keyout ca.key -out ca.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other.example -keyout other.key -out other.csr
printf 'subjectAltName=DNS:other.example\nextendedKeyUsage=serverAuth\n' >other.ext
openssl x509 -req -in other.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile other.ext -out other.crt
cat other.key other.crt ca.pem >other.pem
