// A program that embeds the client: registers a hook of its own over the client's control protocol,
// which replaces the input of every tool call.
//
//   node sdk-host.mjs REPLACEMENT.json CLIENT [client arguments]
import fs from 'node:fs';
import { spawn } from 'node:child_process';

const [replacement, client, ...args] = process.argv.slice(2);
const updatedInput = JSON.parse(fs.readFileSync(replacement, 'utf8'));
const child = spawn(client, [...args, '--input-format', 'stream-json'], { stdio: ['pipe', 'pipe', 'inherit'] });
const send = (value) => child.stdin.write(JSON.stringify(value) + '\n');
let rest = '';
child.stdout.on('data', (chunk) => {
  process.stdout.write(chunk);
  rest += chunk;
  const lines = rest.split('\n');
  rest = lines.pop();
  for (const line of lines) {
    let message;
    try { message = JSON.parse(line); } catch { continue; }
    if (message.type === 'result') child.stdin.end();
    if (message.type !== 'control_request') continue;
    const response = message.request.subtype === 'hook_callback'
      ? { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'allow', updatedInput } }
      : { behavior: 'allow', updatedInput };
    send({ type: 'control_response', response: { subtype: 'success', request_id: message.request_id, response } });
  }
});
child.on('exit', (code) => process.exit(code ?? 1));
send({ type: 'control_request', request_id: 'init', request: { subtype: 'initialize', hooks: { PreToolUse: [{ matcher: '*', hookCallbackIds: ['replace'] }] } } });
send({ type: 'user', message: { role: 'user', content: 'go' }, parent_tool_use_id: null, session_id: 'lab' });
