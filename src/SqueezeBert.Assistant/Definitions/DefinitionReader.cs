using System.Text.RegularExpressions;
using SqueezeBert.Assistant.Files;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>
/// Reads an assistant's file: Rasa's nlu.yml (intents, synonyms, regex, lookup), and beside it the kinds of entities, the dialogue, answers
/// to questions and thresholds.
/// </summary>
internal sealed class DefinitionReader
{
    private const int MaxExamples = 200_000;

    // Other parts of Rasa's files, which mean nothing here.
    private static readonly string[] Ignored =
    [
        "version", "language", "pipeline", "policies", "stories", "rules", "intents", "responses", "actions", "forms", "session_config",
    ];

    private static readonly string[] ThresholdNames = ["intent", "margin", "in_scope", "slot", "question"];

    private static readonly string[] Known = ["nlu", "entities", "dialogue", "faq", "thresholds"];

    private readonly string _file;
    private readonly ExampleParser _parser;
    private readonly List<Example> _examples = [];
    private readonly List<string> _intents = [];
    private readonly Dictionary<string, (string Value, int Line)> _synonyms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> _lookups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Regex>> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueKind> _kinds = new(StringComparer.Ordinal);

    private readonly IReadOnlyList<string> _modelIntents;
    private readonly IReadOnlyList<string> _modelSlots;

    private DefinitionReader(string file, IReadOnlyList<string>? intents, IReadOnlyList<string>? slots)
    {
        _file = file;
        _parser = new ExampleParser(file);
        _modelIntents = intents ?? [];
        _modelSlots = slots ?? [];
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="intents">Intents that a model knows, which the file may speak of too; null: none.</param>
    /// <param name="slots">Slots that a model knows; null: none.</param>
    /// <exception cref="AssistantFileException">It cannot be used; the message has file, line, field and remedy.</exception>
    public static AssistantDefinition ReadFile(
        string path, IReadOnlyList<string>? intents = null, IReadOnlyList<string>? slots = null) =>
        new DefinitionReader(path, intents, slots).Read(YamlReader.ReadFile(path));

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="AssistantFileException">It cannot be used; the message has file, line, field and remedy.</exception>
    public static AssistantDefinition Read(string file, byte[] utf8) =>
        new DefinitionReader(file, null, null).Read(YamlReader.Read(file, utf8));

    private AssistantDefinition Read(YamlNode root)
    {
        var fields = new YamlFields(_file, "", root, [.. Known, .. Ignored]);
        foreach (var (node, i) in fields.List("nlu").Select((node, i) => (node, i))) ReadPart(node, $"nlu[{i}]");
        ReadKinds(fields);
        var questions = fields.List("faq").Select((node, i) => ReadQuestion(node, $"faq[{i}]")).ToList();
        AddQuestions(questions);
        var slots = new Dictionary<string, (string Entity, string? Role)>(StringComparer.Ordinal);
        List<string> intents = [.. _intents.Union(_modelIntents, StringComparer.Ordinal)];
        var slotsOf = intents.ToDictionary(intent => intent, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var example in _examples)
        {
            foreach (var span in example.Spans)
            {
                slots.TryAdd(span.Slot, (span.Entity, span.Role));
                if (slotsOf.TryGetValue(example.Intent, out var own)) own.Add(span.Slot);
            }
        }

        // An entity that only a list or a pattern finds is a slot too.
        foreach (var name in _lookups.Keys.Concat(_patterns.Keys).Concat(_kinds.Keys).Concat(_modelSlots)) slots.TryAdd(name, (name, null));
        var dialogue = new DialogueReader(_file, intents, [.. slots.Keys]).Read(fields);
        foreach (var (intent, rules) in dialogue.Intents)
        {
            foreach (var rule in rules.Slots) slotsOf[intent].Add(rule.Slot);
        }

        var entities = slots.Values.Select(slot => slot.Entity).Distinct(StringComparer.Ordinal).ToDictionary(
            name => name, EntityOf, StringComparer.Ordinal);
        return new AssistantDefinition
        {
            File = _file,
            Examples = [.. _examples.Where(example => !IsOutside(example.Intent))],
            OutOfScope = [.. _examples.Where(example => IsOutside(example.Intent))],
            Intents = [.. _intents.Where(intent => !IsOutside(intent))],
            Entities = entities,
            Slots = slots,
            SlotsOf = slotsOf.ToDictionary(pair => pair.Key, pair => (IReadOnlySet<string>)pair.Value, StringComparer.Ordinal),
            Synonyms = _synonyms.ToDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal),
            Dialogue = dialogue,
            Questions = questions,
            Thresholds = ReadThresholds(fields),
            HasScopeThreshold = fields.Map("thresholds", ThresholdNames)?.Find("in_scope") is not null,
        };
    }

    private static bool IsOutside(string intent) => AssistantDefinition.OutOfScopeNames.Contains(intent, StringComparer.Ordinal);

    private EntityDefinition EntityOf(string name) => new(name, _kinds.GetValueOrDefault(name))
    {
        Lookup = _lookups.GetValueOrDefault(name) ?? [],
        Patterns = _patterns.GetValueOrDefault(name) ?? [],
    };

    private void ReadPart(YamlNode node, string path)
    {
        var fields = new YamlFields(_file, path, node, "intent", "synonym", "regex", "lookup", "examples", "metadata");
        string[] kinds = ["intent", "synonym", "regex", "lookup"];
        var kind = kinds.Where(name => fields.Find(name) is not null).ToList();
        if (kind.Count != 1)
            throw fields.Error(
                null, node, $"is one of {string.Join(", ", kinds)}; it has {(kind.Count == 0 ? "none" : "several")} of them");
        var name = fields.RequiredText(kind[0]);
        if (kind[0] is not "synonym" && !ExampleParser.IsName(name)) throw fields.Error(
            kind[0], fields.Find(kind[0])!, $"'{name}' is no name: letters, digits, '_', '-', '/' and '.', at most 64 of them");
        var lines = Lines(fields.Find("examples") ?? throw fields.Missing("examples"), fields).ToList();
        if (lines.Count == 0) throw fields.Error("examples", fields.Find("examples")!, "has no line that begins with '- '");
        switch (kind[0])
        {
            case "intent":
                ReadIntent(name, lines, fields);
                break;
            case "synonym":
                foreach (var (text, line) in lines) AddSynonym(text, name, line);
                AddSynonym(name, name, fields.Line);
                break;
            case "regex":
                foreach (var (text, line) in lines)
                    Of(_patterns, name).Add(UserPattern.Compile(_file, line, $"{path}.examples", text));
                break;
            default:
                foreach (var (text, _) in lines) Of(_lookups, name).TryAdd(Key(text), text);
                break;
        }
    }

    private void ReadIntent(string name, List<(string Text, int Line)> lines, YamlFields fields)
    {
        if (name == AssistantDefinition.QuestionIntent) throw fields.Error("intent", fields.Find("intent")!,
            "'faq' is the intent of the questions in 'faq'; give this one another name");
        if (!_intents.Contains(name, StringComparer.Ordinal)) _intents.Add(name);
        foreach (var (text, line) in lines) _examples.Add(_parser.Parse(name, text, line, AddSynonym));
        if (_examples.Count > MaxExamples) throw fields.Error(null, fields.Find("examples")!, $"has more than {MaxExamples} sentences");
    }

    // A block of lines "- sentence"; or a list of sentences, or of maps whose "text" is one.
    private IEnumerable<(string Text, int Line)> Lines(YamlNode node, YamlFields fields)
    {
        if (node.Items is { } items)
        {
            foreach (var item in items)
            {
                var text = item.Text ?? new YamlFields(_file, $"{fields.Path}.examples", item).RequiredText("text");
                foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                {
                    var isMarked = item.Text is null && line.StartsWith("- ", StringComparison.Ordinal);
                    yield return (isMarked ? line[2..].Trim() : line, item.Line);
                }
            }

            yield break;
        }

        if (node.Text is not { } block) throw fields.Error("examples", node, "is a map, not lines that begin with '- '");
        var number = node.Line + (node.IsBlock ? 1 : 0);
        foreach (var line in block.Split('\n'))
        {
            var text = line.Trim();
            if (text.StartsWith("- ", StringComparison.Ordinal)) yield return (text[2..].Trim(), number);
            else if (text.Length > 0 && !text.StartsWith('#') && text != "-") throw new AssistantFileException(
                _file, number, $"{fields.Path}.examples", $"is a line that does not begin with '- ': '{text}'");
            number++;
        }
    }

    private void ReadKinds(YamlFields root)
    {
        // Rasa's domain lists the names of entities here.
        if (root.Find("entities") is null or { Items: not null }) return;
        foreach (var (name, line, value) in root.Map("entities")!.All)
        {
            if (!ExampleParser.IsName(name)) throw new AssistantFileException(_file, line, $"entities.{name}", "is no name of an entity");
            var kind = value.Text ?? new YamlFields(_file, $"entities.{name}", value, "type").RequiredText("type");
            _kinds[name] = KindOf(kind) ?? throw new AssistantFileException(
                _file, value.Line, $"entities.{name}", $"'{kind}' is none of {NearestNames.List(kind, KindNames)}");
        }
    }

    private static readonly IReadOnlyList<string> KindNames =
        [.. Enum.GetNames<ValueKind>().Select(name => name == nameof(ValueKind.DateTime) ? "date-time" : name.ToLowerInvariant())];

    private static ValueKind? KindOf(string name)
    {
        for (var i = 0; i < KindNames.Count; i++)
        {
            if (KindNames[i] == name) return (ValueKind)i;
        }

        return null;
    }

    private QuestionDefinition ReadQuestion(YamlNode node, string path)
    {
        var fields = new YamlFields(_file, path, node, "question", "answer");
        var wordings = fields.Texts("question");
        return wordings.Count == 0 ? throw fields.Missing("question")
            : new QuestionDefinition(wordings, fields.RequiredText("answer"), node.Line);
    }

    // The questions are an intent of their own, so that the model tells them from the others.
    private void AddQuestions(List<QuestionDefinition> questions)
    {
        if (questions.Count == 0) return;
        _intents.Add(AssistantDefinition.QuestionIntent);
        foreach (var question in questions)
        {
            foreach (var wording in question.Wordings)
                _examples.Add(new Example(AssistantDefinition.QuestionIntent, wording, [], question.Line));
        }
    }

    private AssistantThresholds ReadThresholds(YamlFields root)
    {
        var defaults = new AssistantThresholds();
        return root.Map("thresholds", ThresholdNames) is not { } fields ? defaults : new()
        {
            Intent = fields.Number("intent", 0, 1) ?? defaults.Intent,
            Margin = fields.Number("margin", 0, 1) ?? defaults.Margin,
            InScope = fields.Number("in_scope", 0, 1) ?? defaults.InScope,
            Slot = fields.Number("slot", 0, 1) ?? defaults.Slot,
            Question = fields.Number("question", -1, 1) ?? defaults.Question,
        };
    }

    private void AddSynonym(string words, string value, int line)
    {
        if (!_synonyms.TryAdd(Key(words), (value, line)) && _synonyms[Key(words)] is var (other, otherLine) && other != value)
            throw new AssistantFileException(_file, line, null,
                FormattableString.Invariant($"'{words}' stands for '{value}' here and for '{other}' in line {otherLine}; leave one out"));
    }

    /// <summary>Words as lists and synonyms are looked up by: in lower case, with single spaces.</summary>
    public static string Key(string words) =>
        string.Join(' ', words.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static T Of<T>(Dictionary<string, T> values, string name)
        where T : new()
    {
        if (!values.TryGetValue(name, out var value)) values[name] = value = new T();
        return value;
    }
}
