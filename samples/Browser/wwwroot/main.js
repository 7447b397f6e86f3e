import { dotnet } from './_framework/dotnet.js'

const files = ['config.json', 'model.safetensors', 'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt'];
const element = id => document.getElementById(id);

async function fetchFile(name) {
  const response = await fetch(`model/${name}`);
  if (!response.ok) throw new Error(`model/${name}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

try {
  const [runtime, ...contents] = await Promise.all([dotnet.create(), ...files.map(fetchFile)]);
  const { Page } = await runtime.getAssemblyExports(runtime.getConfig().mainAssemblyName);
  files.forEach((name, i) => Page.AddFile(name, contents[i]));
  Page.Load();
  element('form').addEventListener('submit', event => {
    event.preventDefault();
    const start = performance.now();
    const [label, score] = Page.Classify(element('text').value);
    element('status').textContent = `${(performance.now() - start).toFixed(0)} ms`;
    element('label').textContent = label;
    element('score').textContent = score;
  });
  element('classify').disabled = false;
  element('status').textContent = 'Ready.';
} catch (error) {
  element('status').textContent = String(error);
  throw error;
}
