using System.Text.Json;

namespace SqueezeBert.Training.Recipes;

/// <summary>The fields of a stage that say how gradients become steps, and what takes part in them.</summary>
internal static class OptimizerFields
{
    // What the authors of LAMB take; AdamW's is smaller.
    private const double LambEpsilon = 1e-6;

    private const int MaxLayers = 1000;

    private const int MaxRank = 1024;

    public static StageRecipe Read(StrictObject o, StageRecipe stage)
    {
        var defaults = stage.Optimizer;
        var algorithm = o.Choice("optimizer", OptimizerKind.AdamW, ("adamw", OptimizerKind.AdamW), ("lamb", OptimizerKind.Lamb));
        var frozen = ReadFrozen(o);
        var adapters = o.Object("lora") is { } lora ? ReadAdapters(lora) : null;
        if (frozen is not null && adapters is not null)
            throw o.Error("freeze", "'lora' keeps the whole encoder as it is but for its adapters; leave one of the two out");
        return stage with
        {
            Algorithm = algorithm,
            Optimizer = new AdamWOptions
            {
                Beta1 = o.Number("beta1", 0, 0.99999) ?? defaults.Beta1,
                Beta2 = o.Number("beta2", 0, 0.99999999) ?? defaults.Beta2,
                Epsilon = o.Number("epsilon", 0, 1, excludeMinimum: true)
                    ?? (algorithm == OptimizerKind.Lamb ? LambEpsilon : defaults.Epsilon),
                WeightDecay = o.Number("weight_decay", 0, 10) ?? defaults.WeightDecay,
                DecayBiasesAndNorms = o.Flag("decay_biases_and_norms", false),
            },
            LayerDecay = o.Number("layer_decay", 0, 1, excludeMinimum: true) ?? stage.LayerDecay,
            Freeze = frozen,
            Adapters = adapters,
            WeightAverage = o.Number("weight_average", 0, 0.9999999, excludeMinimum: true),
        };
    }

    private static LowRankAdaptation ReadAdapters(StrictObject o)
    {
        var defaults = new LowRankAdaptation();
        var adapters = new LowRankAdaptation
        {
            Rank = (int)(o.Integer("rank", 1, MaxRank) ?? defaults.Rank),
            Alpha = o.Number("alpha", 0, 1e4, excludeMinimum: true) ?? defaults.Alpha,
            Projections = o.Texts("projections"),
        };
        o.End();
        return adapters;
    }

    private static FrozenParts? ReadFrozen(StrictObject o)
    {
        if (o.Raw("freeze") is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var layers) && layers is >= 1 and <= MaxLayers)
            return new FrozenParts { Layers = layers };
        return (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
        {
            "embeddings" => new FrozenParts { Embeddings = true },
            "encoder" => new FrozenParts { Encoder = true },
            _ => throw o.Error("freeze",
                "must be \"embeddings\", \"encoder\" or the number of layers, from 1, that stay as they are with the embeddings"),
        };
    }
}
