using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert.Pipelines.Reranking;

/// <summary>
/// Converts the logits of a cross-encoder to one score: the label that counts, and the function that is applied to the logits.
/// </summary>
/// <param name="Label">The id of the label that means relevant.</param>
/// <param name="Problem">How the logits are interpreted: a regression keeps them, and several labels get a sigmoid each.</param>
internal readonly record struct Relevance(int Label, ProblemType Problem)
{
    /// <summary>The fields in which versions of sentence-transformers store the activation, a class name of PyTorch.</summary>
    private static readonly string[][] ActivationFields =
        [["sentence_transformers", "activation_fn"], ["sbert_ce_default_activation_function"]];

    /// <exception cref="UnsupportedModelException">
    /// The configuration names an unknown activation, or the model has several labels and none was named.
    /// </exception>
    /// <exception cref="ArgumentException">The model has no label of that name. The message lists its labels.</exception>
    public static Relevance Of(ModelConfiguration configuration, string? label)
    {
        var labels = configuration.Labels;
        if (label is not null && !labels.Contains(label))
        {
            throw new ArgumentException(
                $"the model has no label '{label}'; it has {string.Join(", ", labels)}", nameof(TextRerankerOptions.RelevantLabel));
        }

        if (labels.Count > 1)
        {
            return label is null
                ? throw new UnsupportedModelException(
                    $"the model has {labels.Count} labels ({string.Join(", ", labels)}): name the one that means relevant with " +
                        $"{nameof(TextRerankerOptions)}.{nameof(TextRerankerOptions.RelevantLabel)} (--relevant)")
                : new Relevance(labels.ToList().IndexOf(label), ClassificationScores.ProblemOf(configuration));
        }

        return new Relevance(0, Activation(configuration) switch
        {
            null => ProblemType.MultiLabelClassification,
            var name when name.EndsWith(".Sigmoid", StringComparison.Ordinal) => ProblemType.MultiLabelClassification,
            var name when name.EndsWith(".Identity", StringComparison.Ordinal) => ProblemType.Regression,
            var name => throw new UnsupportedModelException(
                $"config.json names the activation '{name}' for the model's scores; supported are Sigmoid and Identity"),
        });
    }

    private static string? Activation(ModelConfiguration configuration)
    {
        foreach (var path in ActivationFields)
        {
            JsonNode? node = configuration.Source;
            foreach (var name in path) node = (node as JsonObject)?[name];
            if (node is JsonValue value && value.TryGetValue(out string? text)) return text;
        }

        return null;
    }
}
