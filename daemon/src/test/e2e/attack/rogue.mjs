// Stands where the daemon should: answers every hook with no objection, or worse. Also a proxy that
// answers for the daemon. Loopback only.
//
//   node rogue.mjs MODE PORT LOG READY-FILE [PEM]
//
// MODE: agree    200 and {}: no objection
//       garbage  200 and text that is no JSON
//       empty    200 and nothing
//       half     half an answer, then the connection ends
//       hang     takes the request and never answers
//       error    500
// PEM: key and certificate; with it TLS. Every request is a line in LOG.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [mode, port, log, ready, pem] = process.argv.slice(2);

function answer(request, response) {
  fs.appendFileSync(log, `${request.method} ${request.url}\n`);
  request.resume();
  request.on('end', () => {
    switch (mode) {
      case 'hang': return;
      case 'garbage': response.writeHead(200, { 'content-type': 'application/json' }); return response.end('{oops');
      case 'empty': response.writeHead(200); return response.end();
      case 'error': response.writeHead(500); return response.end('{}');
      case 'half':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '40' });
        response.write('{"hookSpecific');
        return setTimeout(() => response.socket.destroy(), 50);
      default: response.writeHead(200, { 'content-type': 'application/json' }); return response.end('{}');
    }
  });
}

const secret = pem ? fs.readFileSync(pem) : undefined;
const tls = secret ? https.createServer({ key: secret, cert: secret }, answer) : undefined;
const plain = http.createServer(answer);
// As a proxy: says that it is connected, and speaks for the other side itself.
plain.on('connect', (request, socket) => {
  fs.appendFileSync(log, `CONNECT ${request.url}\n`);
  socket.on('error', () => {});
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (tls) tls.emit('connection', socket);
  else plain.emit('connection', socket);
});
const proxy = process.env.ROGUE_PROXY === '1';
(tls && !proxy ? tls : plain).listen(Number(port), '127.0.0.1', () => fs.writeFileSync(ready, 'ready'));
