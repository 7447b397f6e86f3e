using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.ModelFolders.Onnx.Recognition;

/// <summary>The config.json beside an ONNX file. It completes the file and must not contradict it.</summary>
internal static class DeclaredConfiguration
{
    /// <summary>The fields that a graph does not show.</summary>
    private static readonly HashSet<string> NotInGraph = new(StringComparer.Ordinal)
    {
        "architectures", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "attention_dropout",
            "seq_classif_dropout", "qa_dropout",
        "initializer_range", "pad_token_id", "tie_word_embeddings", "id2label", "label2id", "problem_type", "sinusoidal_pos_embds",
            "classifier_activation", HashedNgramFields.Field,
    };

    public static ModelConfiguration Join(ModelConfiguration declared, ModelConfiguration found, OutputRoles roles, string file)
    {
        if (declared.ModelType != found.ModelType) throw Error(file, "model_type", declared.ModelType, found.ModelType);
        if (declared.NamedHeads.Count > 0)
        {
            throw new InvalidModelFileException(file, $"field '{HeadFields.Field}'",
                $"describes {NamedHeads.List(declared.NamedHeads)}; an ONNX file has no named heads: load the checkpoint that it was " +
                    "made of, or remove the field");
        }

        if (declared.HashedNgrams is not null && roles.Head == ModelHead.TokenClassification)
        {
            throw new InvalidModelFileException(file, $"field '{HashedNgramFields.Field}'",
                "describes n-grams of words, which an ONNX file does not have: load the checkpoint that it was made of, or remove the " +
                    "field");
        }

        // Its config.json does not say how large the table is.
        if (found is StaticConfiguration) return found;
        var theirs = found.KnownFields();
        foreach (var (name, value) in declared.KnownFields())
        {
            if (!NotInGraph.Contains(name) && !IsSame(name, value, theirs[name]))
                throw Error(file, name, value?.ToJsonString() ?? "null", theirs[name]?.ToJsonString() ?? "null");
        }

        var joined = declared with { Architectures = found.Architectures, TieWordEmbeddings = found.TieWordEmbeddings };
        if (joined is MobileBertConfiguration mobile && found is MobileBertConfiguration seen && roles.Head != ModelHead.None)
            joined = mobile with { ClassifierActivation = seen.ClassifierActivation };
        if (roles.LabelCount > 0 && declared.Labels.Count != roles.LabelCount)
        {
            // Without labels the reference takes two.
            if (declared.Source is { } source && (source.ContainsKey("id2label") || source.ContainsKey("num_labels")))
                throw Error(file, "id2label", $"of {declared.Labels.Count} labels", $"{roles.LabelCount} logits");
            joined = joined with { Labels = found.Labels };
        }

        joined.Validate(file);
        return joined;
    }

    private static bool IsSame(string name, JsonNode? a, JsonNode? b)
    {
        // The file has an epsilon in float32, or rounded up to a float16; GraphMatcher compares it norm by norm.
        if (name == "layer_norm_eps") return Math.Abs((double)a! - (double)b!) < 2e-7 || Math.Abs(((double)a! / (double)b!) - 1) < 1e-5;

        // The file does not say which heads of a layer were taken out.
        if (name == HeadPruning.Field) return JsonNode.DeepEquals(Counts(a), Counts(b));
        return JsonNode.DeepEquals(a, b);

        static JsonObject Counts(JsonNode? pruned) => new(
            (pruned as JsonObject ?? []).Select(layer => KeyValuePair.Create(layer.Key, (JsonNode?)layer.Value!.AsArray().Count)));
    }

    private static InvalidModelFileException Error(string file, string field, string declared, string found) =>
        new(file, $"field '{field}'", $"is {declared}; the ONNX file beside it has {found}");
}
