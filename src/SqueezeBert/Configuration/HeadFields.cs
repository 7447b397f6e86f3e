using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Configuration;

/// <summary>
/// The field "squeezebert_heads" of a config.json: an object that contains an object for each named head. transformers ignores it. The
/// field is read strictly, because a field of a newer version must not be ignored.
/// </summary>
internal static class HeadFields
{
    public const string Field = "squeezebert_heads";
    public const int MaxHeads = 64;
    public const int MaxNameLength = 64;
    private const string Task = "task", LabelNames = "id2label", LabelIds = "label2id", Problem = "problem_type";

    private static readonly string[] Known =
        [Task, LabelNames, LabelIds, Problem, ModelConfiguration.CalibrationField, HashedNgramFields.Field];

    private static readonly (HeadTask Task, string Name)[] Tasks =
    [
        (HeadTask.TextClassification, "text-classification"),
        (HeadTask.TokenClassification, "token-classification"),
        (HeadTask.QuestionAnswering, "question-answering"),
        (HeadTask.MaskedLanguage, "masked-language"),
    ];

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    public static string NameOf(HeadTask task) => Tasks.First(known => known.Task == task).Name;

    /// <summary>Whether the task exists. The value of an enumeration may be any number.</summary>
    public static bool Has(HeadTask task) => Tasks.Any(known => known.Task == task);

    /// <summary>Returns what is wrong with the name of a head, or null.</summary>
    public static string? NameProblem(string name) =>
        name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters)
            ? $"has a head called '{MessagePart.OneLine(name)}'; a name is 1 to {MaxNameLength} letters, digits, '-' and '_'"
            : null;

    /// <summary>Whether a head for the task has labels.</summary>
    public static bool HasLabels(HeadTask task) => task is HeadTask.TextClassification or HeadTask.TokenClassification;

    /// <summary>Reads the heads in the order of the file. Without the field, the list is empty.</summary>
    /// <exception cref="InvalidModelFileException">The field has a form that this version does not support.</exception>
    public static IReadOnlyList<HeadConfiguration> Read(ConfigurationFields fields)
    {
        if (fields.Json[Field] is not { } value) return [];
        if (value is not JsonObject heads) throw fields.Error(Field, "must be an object from the head's name to what it is");
        if (heads.Count > MaxHeads) throw fields.Error(Field, $"has {heads.Count} heads; there may be {MaxHeads}");
        return [.. heads.Select(head => Read(fields, head.Key, head.Value))];
    }

    public static JsonObject Write(IReadOnlyList<HeadConfiguration> heads)
    {
        var json = new JsonObject();
        foreach (var head in heads)
        {
            var fields = new JsonObject { [Task] = NameOf(head.Task) };
            if (head.ProblemType is { } problem) fields[Problem] = ProblemTypes.NameOf(problem);
            if (HasLabels(head.Task))
            {
                fields[LabelNames] = new JsonObject(head.Labels.Select((label, id) =>
                    KeyValuePair.Create(id.ToString(CultureInfo.InvariantCulture), (JsonNode?)label)));
            }

            if (head.CalibrationTemperature is { } temperature)
                fields[ModelConfiguration.CalibrationField] = ModelConfiguration.Number(temperature);
            if (head.HashedNgrams is { } ngrams) fields[HashedNgramFields.Field] = HashedNgramFields.Write(ngrams);
            json[head.Name] = fields;
        }

        return json;
    }

    private static HeadConfiguration Read(ConfigurationFields fields, string name, JsonNode? value)
    {
        if (NameProblem(name) is { } wrongName) throw fields.Error(Field, wrongName);
        var field = $"{Field}.{name}";
        if (value is not JsonObject json) throw fields.Error(field, "must be an object with the field 'task'");
        foreach (var (key, _) in json)
        {
            if (!Known.Contains(key))
                throw fields.Error($"{field}.{MessagePart.OneLine(key)}",
                    $"is not known; the nearest known field is '{NearestNames.First(key, Known)}'");
        }

        var own = fields.Below(field, json);
        var names = string.Join(", ", Tasks.Select(known => known.Name));
        var text = own.Text(Task) ?? throw own.Error(Task, $"is missing; it is one of {names}");
        var place = Array.FindIndex(Tasks, known => known.Name == text);
        if (place < 0) throw own.Error(Task, $"is '{MessagePart.OneLine(text)}'; it must be one of {names}");
        var head = new HeadConfiguration(name, Tasks[place].Task)
        {
            ProblemType = own.Problem(Problem),
            CalibrationTemperature = own.NullableNumber(ModelConfiguration.CalibrationField),
            HashedNgrams = HashedNgramFields.Read(own),
        };
        var hasLabels = json[LabelNames] is not null;
        if (!HasLabels(head.Task))
            return hasLabels ? throw own.Error(LabelNames, $"is for heads that give labels; leave it out for {text}") : head;
        if (!hasLabels) throw own.Error(LabelNames, "is missing: the names of the labels by their ids");
        var (labels, problem) = own.Labels();
        return problem is null ? head with { Labels = labels } : throw problem;
    }
}
