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
const text = { name: 'text', label: 'Text', rows: 4, required: true, example: 'It stopped working after a week.' };
const tasks = {
  classify: { label: 'Classify', fields: [text, { name: 'pair', label: 'Second text (for models that read two)', rows: 2 }], show: showLabels },
  'zero-shot': {
    label: 'Labels of your own', show: showLabels,
    fields: [text, { name: 'labels', label: 'Labels, one per line', rows: 3, list: true, required: true, example: 'sport\npolitics' },
      { name: 'multi_label', label: 'Several may be true', check: true }],
  },
  tag: { label: 'Find entities', fields: [text], show: showEntities },
  answer: {
    label: 'Answer a question', show: showAnswers,
    fields: [{ name: 'question', label: 'Question', rows: 1, required: true, example: 'Where does the Danube end?' },
      { name: 'context', label: 'Document', rows: 6, required: true, example: 'The Danube flows into the Black Sea.' },
      { name: 'no_answer', label: 'The document may not have the answer', check: true }],
  },
  fill: { label: 'Fill masks', fields: [{ ...text, label: 'Text with [MASK]', example: 'The [MASK] was good.' }], show: showMasks },
  choose: {
    label: 'Choose', show: showChoices,
    fields: [{ name: 'prompt', label: 'Prompt', rows: 2, required: true, example: 'She opened the oven and' },
      { name: 'choices', label: 'Choices, one per line', rows: 3, list: true, required: true, example: 'took out the bread.\nflew away.' }],
  },
  embed: {
    label: 'Compare texts', show: showSimilarities,
    fields: [{ name: 'source_sentence', label: 'Text', rows: 2, required: true, example: 'Loved it.' },
      { name: 'sentences', label: 'Others, one per line', rows: 4, list: true, required: true, example: 'It broke.\nI loved it.' }],
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
    : value instanceof HTMLTableCellElement ? value : value instanceof Node ? element('td', value) : element('td', String(value ?? ''));
  const isNumber = i => typeof rows[0]?.[i] === 'number';
  return element('table', [
    element('caption', caption),
    element('thead', element('tr', columns.map((name, i) => element('th', name, { scope: 'col', ...(isNumber(i) ? { class: 'number' } : {}) })))),
    element('tbody', rows.map(row => element('tr', row.map(cell)))),
  ]);
}

// The number stands beside it, so that it says nothing to who does not see it.
function bar(value) {
  const filled = element('i', '');
  filled.style.width = `${100 * Math.min(1, Math.max(0, value ?? 0))}%`;
  return element('td', element('span', filled, { 'aria-hidden': 'true' }), { class: 'bar' });
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

// null: the model is still loading.
async function get(path) {
  const response = await fetch(path, { headers: headers() });
  if (response.status === 503) return null;
  if (!response.ok) throw new Error(response.status === 401 ? 'The server wants an API key.' : `${response.status} ${response.statusText}`);
  return response.json();
}

const models = new Map();
const milliseconds = 500;

// Models load one after another. Those that are there can be tried, and the others are added without disturbing who types.
async function load() {
  try {
    const list = await get('v1/models');
    for (const { id } of list.data.filter(({ id }) => !models.has(id))) {
      const info = await get(`models/${encodeURIComponent(id)}/info`);
      if (!info) continue;
      models.set(id, info);
      $('model').append(element('option', id, { value: id }));
      if (models.size === 1) showTasks();
    }

    const missing = list.data.length - models.size;
    $('status').textContent = `Ready: ${models.size} ${models.size === 1 ? 'model' : 'models'}${missing ? `, ${missing} still loading` : ''}.`;
    if (missing) setTimeout(load, milliseconds);
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

    const example = field.example ? { placeholder: field.example } : {};
    const box = element('textarea', kept.get(field.name) ?? '', { id, name: field.name, rows: field.rows, ...example });
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

// The pieces that the model reads of each text of a request; nothing where they cannot be had.
async function showTokens(name, body) {
  const value = body.inputs ?? body;
  const texts = tasks[name].fields.filter(field => !field.check && !field.list).map(field => value[field.name]).filter(item => item);
  const response = await fetch(`models/${encodeURIComponent($('model').value)}/tokenize`, {
    method: 'POST', headers: headers(), body: JSON.stringify({ inputs: texts.map(item => item.slice(0, 2000)) }),
  });
  if (!response.ok) return;
  const lists = (await response.json()).map(tokens => element('ol', tokens.slice(0, 256).map(token =>
    element('li', token.text, { title: `id ${token.id}`, class: token.special ? 'special' : 'piece' })), { class: 'tokens' }));
  $('answer').append(element('h3', 'Tokens'), ...lists);
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
    if (name !== 'features') await showTokens(name, body);
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
