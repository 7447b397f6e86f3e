using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;

namespace SqueezeBert.Graphs.Heads;

/// <summary>What named heads are built of, and what their parameters and outputs are called.</summary>
internal static class NamedHeads
{
    /// <summary>Before the parameters of all of them.</summary>
    public const string Parameters = "heads.";

    public static ModelHead HeadOf(HeadConfiguration head) => head.Task switch
    {
        HeadTask.TextClassification => ModelHead.SequenceClassification,
        HeadTask.TokenClassification => ModelHead.TokenClassification,
        HeadTask.QuestionAnswering => ModelHead.QuestionAnswering,
        _ => ModelHead.MaskedLanguageModel,
    };

    /// <summary>The task of named heads that are built as a head is; null: no named head is.</summary>
    public static HeadTask? TaskOf(ModelHead head) => head switch
    {
        ModelHead.SequenceClassification => HeadTask.TextClassification,
        ModelHead.TokenClassification => HeadTask.TokenClassification,
        ModelHead.QuestionAnswering => HeadTask.QuestionAnswering,
        ModelHead.MaskedLanguageModel => HeadTask.MaskedLanguage,
        _ => null,
    };

    /// <summary>Before the names that the head's parameters have in transformers: "heads.intent.".</summary>
    public static string ParameterPrefix(HeadConfiguration head) => $"{Parameters}{head.Name}.";

    /// <summary>Before the names of the head's outputs: "intent."; nothing where a model's class has the head.</summary>
    public static string OutputPrefix(HeadConfiguration? head) => head is null ? "" : head.Name + ".";

    /// <summary>"intent (text-classification), slots (token-classification)".</summary>
    public static string List(IEnumerable<HeadConfiguration> heads) =>
        string.Join(", ", heads.Select(head => $"{head.Name} ({HeadFields.NameOf(head.Task)})"));

    /// <summary>Outputs of one kind of all heads of a graph, by their full names.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kind">Which outputs of a head.</param>
    public static IReadOnlyList<string> Outputs(Graph graph, Func<HeadDescriptor, IReadOnlyList<string>> kind) =>
    [
        .. kind(ModelHeads.Find(graph.Head)),
        .. graph.NamedHeads.SelectMany(head => kind(ModelHeads.Find(HeadOf(head))).Select(name => OutputPrefix(head) + name)),
    ];
}
