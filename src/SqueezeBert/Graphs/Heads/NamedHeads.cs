using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;

namespace SqueezeBert.Graphs.Heads;

/// <summary>Determines how named heads are built, and the names of their parameters and outputs.</summary>
internal static class NamedHeads
{
    /// <summary>The prefix of the parameters of all named heads.</summary>
    public const string Parameters = "heads.";

    public static ModelHead HeadOf(HeadConfiguration head) => head.Task switch
    {
        HeadTask.TextClassification => ModelHead.SequenceClassification,
        HeadTask.TokenClassification => ModelHead.TokenClassification,
        HeadTask.QuestionAnswering => ModelHead.QuestionAnswering,
        _ => ModelHead.MaskedLanguageModel,
    };

    /// <summary>Returns the task of named heads that are built like a head, or null if there are none.</summary>
    public static HeadTask? TaskOf(ModelHead head) => head switch
    {
        ModelHead.SequenceClassification => HeadTask.TextClassification,
        ModelHead.TokenClassification => HeadTask.TokenClassification,
        ModelHead.QuestionAnswering => HeadTask.QuestionAnswering,
        ModelHead.MaskedLanguageModel => HeadTask.MaskedLanguage,
        _ => null,
    };

    /// <summary>The prefix before the transformers names of the head's parameters: "heads.intent.".</summary>
    public static string ParameterPrefix(HeadConfiguration head) => $"{Parameters}{head.Name}.";

    /// <summary>The prefix of the names of the head's outputs: "intent.". Empty for the head of a model's class.</summary>
    public static string OutputPrefix(HeadConfiguration? head) => head is null ? "" : head.Name + ".";

    /// <summary>"intent (text-classification), slots (token-classification)".</summary>
    public static string List(IEnumerable<HeadConfiguration> heads) =>
        string.Join(", ", heads.Select(head => $"{head.Name} ({HeadFields.NameOf(head.Task)})"));

    /// <summary>Returns outputs of one kind for all heads of a graph, by their full names.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kind">Selects the outputs of a head.</param>
    public static IReadOnlyList<string> Outputs(Graph graph, Func<HeadDescriptor, IReadOnlyList<string>> kind) =>
    [
        .. kind(ModelHeads.Find(graph.Head)),
        .. graph.NamedHeads.SelectMany(head => kind(ModelHeads.Find(HeadOf(head))).Select(name => OutputPrefix(head) + name)),
    ];
}
