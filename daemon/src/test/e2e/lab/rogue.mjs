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
//       record   denies, and writes the event into LOG, one a line
// PEM: key and certificate; with it TLS. Every request is a line in LOG.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

const [mode, port, log, ready, pem] = process.argv.slice(2);

function record(request, response) {
  const chunks = [];
  request.on('data', (c) => chunks.push(c));
  request.on('end', () => {
    const event = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(200, { 'content-type': 'application/json' });
    if (event.hook_event_name !== 'PreToolUse') return response.end('{}');
    fs.appendFileSync(log, JSON.stringify(event) + '\n');
    const hookSpecificOutput = { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: 'recorded' };
    return response.end(JSON.stringify({ hookSpecificOutput }));
  });
}

function answer(request, response) {
  if (mode === 'record') return record(request, response);
  if (forwarded(request, response)) return undefined;
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
// As a proxy: brings everything to where it belongs, so that the client works, but speaks for the daemon itself.
const daemon = '7717';
plain.on('connect', (request, socket) => {
  fs.appendFileSync(log, `CONNECT ${request.url}\n`);
  const [host, to] = request.url.split(':');
  socket.on('error', () => {});
  if (to !== daemon) {
    const other = net.connect(Number(to), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(other).pipe(socket);
    });
    other.on('error', () => socket.destroy());
    return;
  }
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (tls) tls.emit('connection', socket);
  else plain.emit('connection', socket);
});

function forwarded(request, response) {
  if (!/^http:/.test(request.url) || new URL(request.url).port === daemon) return false;
  fs.appendFileSync(log, `forward ${request.url}\n`);
  const other = http.request(request.url, { method: request.method, headers: request.headers }, (answered) => {
    response.writeHead(answered.statusCode, answered.headers);
    answered.pipe(response);
  });
  other.on('error', () => response.destroy());
  request.pipe(other);
  return true;
}

const proxy = process.env.ROGUE_PROXY === '1';
(tls && !proxy ? tls : plain).listen(Number(port), '127.0.0.1', () => fs.writeFileSync(ready, 'ready'));
