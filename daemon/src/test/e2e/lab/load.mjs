// Sends hook events to the daemon over TLS, and says how long answers took.
//
//   node load.mjs PORT CA-BUNDLE PAYLOADS WORKERS COUNT RATE
//
// PAYLOADS: one event a line. Each of WORKERS has one connection and sends COUNT of them, one after
// the other as each is answered; with a RATE over 0, all together that many a second. Prints
// {"sent", "failed", "p50", "p99", "max"}, times in milliseconds as the caller sees them. An answer
// that is no decision is a failure.
import fs from 'node:fs';
import https from 'node:https';

const [port, bundle, file, workers, count, rate] = process.argv.slice(2);
const ca = fs.readFileSync(bundle);
const payloads = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
const times = [];
let failed = 0;
let next = 0;

function send(agent) {
  const text = payloads[next++ % payloads.length].replaceAll('toolu_e2e_', `toolu_${process.pid}_${next}_`);
  const body = Buffer.from(text);
  return new Promise((resolve) => {
    const began = process.hrtime.bigint();
    const done = (ok) => {
      times.push(Number(process.hrtime.bigint() - began) / 1e6);
      if (!ok) failed++;
      resolve();
    };
    const request = https.request({ host: 'localhost', port, path: '/v1/hooks/claude-code', method: 'POST', agent, ca,
      headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
      let answer = '';
      response.on('data', (c) => { answer += c; });
      response.on('end', () => {
        try { done(response.statusCode === 200 && typeof JSON.parse(answer) === 'object'); } catch { done(false); }
      });
      response.on('error', () => done(false));
    });
    request.on('error', () => done(false));
    request.end(body);
  });
}

async function work(pace) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < Number(count); i++) {
    const due = Date.now() + pace;
    await send(agent);
    const left = due - Date.now();
    if (left > 0) await new Promise((r) => setTimeout(r, left));
  }
  agent.destroy();
}

const pace = Number(rate) > 0 ? (1000 * Number(workers)) / Number(rate) : 0;
await Promise.all(Array.from({ length: Number(workers) }, () => work(pace)));
times.sort((a, b) => a - b);
const at = (q) => times[Math.min(times.length - 1, Math.floor(q * times.length))];
console.log(JSON.stringify({ sent: times.length, failed, p50: at(0.5), p99: at(0.99), max: times.at(-1) }));
