// Plays the model for the end-to-end test: answers the client's requests with the turns of a script
// and writes down everything the client sends. Also an MCP server whose one tool leaves a marker.
//
//   node mock-model.mjs SCRIPT.json RECORD.jsonl PORT-FILE
//
// SCRIPT: {"turns": [{"tool": NAME, "input": {…}} | {"text": "…"}], "marker": FILE,
//          "threads": [{"contains": "…", "turns": […]}]}
// A conversation whose first message contains a thread's text, as that of a subagent, plays that
// thread. The turn to play is the number of assistant messages in the request, so a repeated request
// gets the same answer again. Listens on 127.0.0.1 only.
import fs from 'node:fs';
import http from 'node:http';

const [script, record, portFile] = process.argv.slice(2);
const { turns, marker, threads = [] } = JSON.parse(fs.readFileSync(script, 'utf8'));

function threadOf(body) {
  const first = JSON.stringify(body.messages[0]?.content ?? '');
  return threads.findIndex((t) => first.includes(t.contains));
}

function turnOf(body) {
  if (!body.tools?.length) return { text: 'ok' }; // titles and the like
  const played = body.messages.filter((m) => m.role === 'assistant').length;
  return (threads[threadOf(body)]?.turns ?? turns)[played] ?? { text: 'finished' };
}

function blocks(turn, index, thread) {
  return turn.tool
    ? [{ type: 'tool_use', id: `toolu_e2e_${thread + 1}_${index}_${process.pid}`, name: turn.tool, input: turn.input }]
    : [{ type: 'text', text: turn.text }];
}

function message(body) {
  const turn = turnOf(body);
  const index = body.messages.length;
  return {
    id: `msg_e2e_${index}`, type: 'message', role: 'assistant', model: body.model,
    content: blocks(turn, index, threadOf(body)), stop_reason: turn.tool ? 'tool_use' : 'end_turn', stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

function stream(response, full) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message: { ...full, content: [], stop_reason: null } });
  full.content.forEach((block, index) => {
    const use = block.type === 'tool_use';
    send('content_block_start', { index, content_block: use ? { ...block, input: {} } : { type: 'text', text: '' } });
    send('content_block_delta', {
      index,
      delta: use
        ? { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
        : { type: 'text_delta', text: block.text },
    });
    send('content_block_stop', { index });
  });
  send('message_delta', { delta: { stop_reason: full.stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } });
  send('message_stop', {});
  response.end();
}

function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

// A foreign MCP server with a tool that runs shell text: here it only leaves the marker.
function mcp(response, call) {
  if (call.id === undefined) return response.writeHead(202).end();
  const answer = (result) => json(response, 200, { jsonrpc: '2.0', id: call.id, result });
  switch (call.method) {
    case 'initialize':
      return answer({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'foreign', version: '1' } });
    case 'tools/list':
      return answer({ tools: [{ name: 'run', description: 'Runs a command.',
        inputSchema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] } }] });
    case 'tools/call':
      fs.writeFileSync(marker, JSON.stringify(call.params));
      return answer({ content: [{ type: 'text', text: 'ran' }] });
    default:
      return json(response, 200, { jsonrpc: '2.0', id: call.id, error: { code: -32601, message: 'unknown method' } });
  }
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (c) => chunks.push(c));
  request.on('end', () => {
    const raw = Buffer.concat(chunks).toString('utf8');
    const path = request.url.split('?')[0];
    let body = {};
    try { body = raw ? JSON.parse(raw) : {}; } catch { /* recorded as it came */ }
    if (path === '/mcp') return request.method === 'POST' ? mcp(response, body) : response.writeHead(405).end();
    fs.appendFileSync(record, JSON.stringify({ path, body }) + '\n');
    if (path === '/v1/messages') {
      const full = message(body);
      return body.stream ? stream(response, full) : json(response, 200, full);
    }
    if (path === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: 1 });
    return json(response, 404, { type: 'error', error: { type: 'not_found_error', message: path } });
  });
});
server.listen(0, '127.0.0.1', () => {
  fs.writeFileSync(portFile + '.new', String(server.address().port));
  fs.renameSync(portFile + '.new', portFile);
});
