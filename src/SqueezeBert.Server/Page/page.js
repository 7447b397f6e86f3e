// The page asks this server alone, and puts every text into the document as text.
const $ = id => document.getElementById(id);

// What a head of a model is for, and the fields of each task.
const heads = {
  'sequence classification': ['classify', 'zero-shot'],
  'token classification': ['tag'],
  'question answering': ['answer'],
  'masked language modelling': ['fill'],
  pretraining: ['fill'],
  'multiple choice': ['choose'],
};
const always = ['embed', 'features'];
const text = { name: 'text', label: 'Text', rows: 4, required: true };
const tasks = {
  classify: { label: 'Classify', fields: [text, { name: 'pair', label: 'Second text (for models that read two)', rows: 2 }], show: showLabels },
  'zero-shot': {
    label: 'Labels of your own', show: showLabels,
    fields: [text, { name: 'labels', label: 'Labels, one a line', rows: 3, list: true, required: true },
      { name: 'multi_label', label: 'Several may be true', check: true }],
  },
  tag: { label: 'Find entities', fields: [text], show: showEntities },
  answer: {
    label: 'Answer a question', show: showAnswers,
    fields: [{ name: 'question', label: 'Question', rows: 1, required: true }, { name: 'context', label: 'Document', rows: 6, required: true },
      { name: 'no_answer', label: 'The document may not have the answer', check: true }],
  },
  fill: { label: 'Fill masks', fields: [{ ...text, label: 'Text with [MASK]' }], show: showMasks },
  choose: {
    label: 'Choose', show: showChoices,
    fields: [{ name: 'prompt', label: 'Prompt', rows: 2, required: true },
      { name: 'choices', label: 'Choices, one a line', rows: 3, list: true, required: true }],
  },
  embed: {
    label: 'Compare texts', show: showSimilarities,
    fields: [{ name: 'source_sentence', label: 'Text', rows: 2, required: true },
      { name: 'sentences', label: 'Others, one a line', rows: 4, list: true, required: true }],
  },
  features: { label: 'Hidden states', fields: [text], show: showFeatures },
};

function element(tag, content, attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...[content].flat());
  return made;
}

function table(caption, columns, rows) {
  const cell = value => typeof value === 'number' ? element('td', value.toFixed(4), { class: 'number' })
    : value instanceof Node ? element('td', value) : element('td', String(value ?? ''));
  return element('table', [
    element('caption', caption),
    element('thead', element('tr', columns.map(name => element('th', name, { scope: 'col' })))),
    element('tbody', rows.map(row => element('tr', row.map(cell)))),
  ]);
}

function bar(value) {
  return element('meter', String(value), { min: 0, max: 1, value: Math.min(1, Math.max(0, value ?? 0)), 'aria-hidden': 'true' });
}

function showLabels(answer) {
  return table('Labels, best first', ['Label', 'Score', 'Bar'], answer.labels.map(item => [item.label, item.score, bar(item.score)]));
}

function showEntities(answer) {
  return table('Entities in the order of the text', ['Text', 'Kind', 'Score', 'Place'],
    answer.entities.map(item => [element('mark', item.text), item.label, item.score, `${item.start}–${item.end}`]));
}

function showAnswers(answer) {
  const none = answer.answer === null ? [element('p', 'The document has no answer.')] : [];
  return [...none, table('Answers, best first', ['Answer', 'Score', 'Place'],
    answer.answers.slice(0, 5).map(item => [item.text, item.score, `${item.start}–${item.end}`]))];
}

function showMasks(answer) {
  return [element('p', answer.filled), ...answer.masks.map((mask, i) => table(`Mask ${i + 1}`, ['Token', 'Score', 'Bar'],
    mask.tokens.map(item => [item.token, item.score, bar(item.score)])))];
}

function showChoices(answer) {
  return table('Choices, best first', ['Choice', 'Score', 'Bar'], answer.choices.map(item => [item.text, item.score, bar(item.score)]));
}

function showSimilarities(scores, body) {
  const rows = scores.map((score, i) => [body.inputs.sentences[i], score, bar(score)]);
  return table('Cosines, highest first', ['Text', 'Cosine', 'Bar'], rows.sort((a, b) => b[1] - a[1]));
}

function showFeatures(answer) {
  return table('Tokens and the beginnings of their hidden states', ['Token', 'First numbers'],
    answer.tokens.map(item => [item.token, item.features.slice(0, 6).map(value => value?.toFixed(3)).join('  ')]));
}

function headers() {
  const key = $('key').value.trim();
  return { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) };
}

async function get(path) {
  const response = await fetch(path, { headers: headers() });
  if (!response.ok) throw new Error(response.status === 401 ? 'The server wants an API key.' : `${response.status} ${response.statusText}`);
  return response.json();
}

const models = new Map();

async function load() {
  try {
    const list = await get('v1/models');
    for (const { id } of list.data) models.set(id, await get(`models/${encodeURIComponent(id)}/info`));
    $('model').replaceChildren(...[...models.keys()].map(id => element('option', id, { value: id })));
    $('status').textContent = `Ready: ${models.size} ${models.size === 1 ? 'model' : 'models'}.`;
    showTasks();
  } catch (error) {
    $('status').textContent = error.message;
    $('access').open = true;
  }
}

function showTasks() {
  const info = models.get($('model').value);
  if (!info) return;
  const before = $('task').value;
  const names = [...new Set([...info.heads.flatMap(head => heads[head] ?? []), ...always])];
  $('task').replaceChildren(...names.map(name => element('option', tasks[name].label, { value: name })));
  if (names.includes(before)) $('task').value = before;
  showFields();
}

function showFields() {
  const kept = new Map([...document.querySelectorAll('#fields [name]')].map(field => [field.name, field.value]));
  $('fields').replaceChildren(...(tasks[$('task').value]?.fields ?? []).map(field => {
    const id = `field-${field.name}`;
    if (field.check) {
      return element('p', [element('input', '', { id, name: field.name, type: 'checkbox' }), ' ', element('label', field.label, { for: id })],
        { class: 'check' });
    }

    const box = element('textarea', kept.get(field.name) ?? '', { id, name: field.name, rows: field.rows });
    box.required = Boolean(field.required);
    return element('p', [element('label', field.label, { for: id }), box]);
  }));
}

function question(name) {
  const body = {};
  for (const field of tasks[name].fields) {
    const box = $(`field-${field.name}`);
    if (field.check) {
      if (box.checked) body[field.name] = true;
    } else if (field.list) {
      body[field.name] = box.value.split('\n').map(line => line.trim()).filter(line => line);
    } else if (box.value || field.required) {
      body[field.name] = box.value;
    }
  }

  if (name === 'embed') {
    const inference = { inputs: body };
    if ($('long').value) inference.parameters = { truncate: $('long').value !== 'error' };
    return ['similarity', inference];
  }

  if ($('long').value) body.long_text = $('long').value;
  return [name, body];
}

async function ask() {
  const name = $('task').value;
  const [route, body] = question(name);
  const path = `models/${encodeURIComponent($('model').value)}/${route}`;
  $('request').textContent = `POST /${path}\n\n${JSON.stringify(body, null, 2)}`;
  $('ask').disabled = true;
  const started = performance.now();
  try {
    const response = await fetch(path, { method: 'POST', headers: headers(), body: JSON.stringify(body) });
    const elapsed = (performance.now() - started).toFixed(0);
    const answer = await response.json();
    $('response').textContent = JSON.stringify(answer, null, 2);
    if (!response.ok) throw new Error(`${response.status}: ${answer.detail ?? answer.error}`);
    const truncated = Number(response.headers.get('x-truncated-texts')) > 0;
    $('summary').className = '';
    $('summary').textContent = `${response.headers.get('x-compute-tokens')} tokens, ` +
      `${response.headers.get('x-compute-characters')} characters read${truncated ? ', the rest was cut off' : ''}; ` +
      `${response.headers.get('x-total-time')} ms in the server, ${elapsed} ms in all.`;
    $('answer').replaceChildren(...[tasks[name].show(answer, body)].flat());
  } catch (error) {
    $('summary').className = 'error';
    $('summary').textContent = error.message;
    $('answer').replaceChildren();
  } finally {
    $('ask').disabled = false;
  }
}

$('model').addEventListener('change', showTasks);
$('task').addEventListener('change', showFields);
$('key').addEventListener('change', () => { if (models.size === 0) load(); });
$('form').addEventListener('submit', event => {
  event.preventDefault();
  ask();
});
load();
