using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>What the parts of a layer are called in a bare encoder, without ".weight" and ".bias".</summary>
internal sealed record LayerNames(
    string Query, string Key, string Value, string AttentionOutput, string AttentionNorm, string Intermediate, string Output,
    string OutputNorm)
{
    public IReadOnlyList<string> All => [Query, Key, Value, AttentionOutput, AttentionNorm, Intermediate, Output, OutputNorm];

    /// <summary>The names of a layer of a BERT or a SqueezeBERT.</summary>
    public static LayerNames Of(ModelConfiguration configuration, int layer) =>
        configuration is SqueezeBertConfiguration ? OfSqueezeBert($"encoder.layers.{layer}.") : OfBert($"encoder.layer.{layer}.");

    private static LayerNames OfBert(string layer) => new(
        layer + "attention.self.query", layer + "attention.self.key", layer + "attention.self.value", layer + "attention.output.dense",
        layer + "attention.output.LayerNorm", layer + "intermediate.dense", layer + "output.dense", layer + "output.LayerNorm");

    private static LayerNames OfSqueezeBert(string layer) => new(
        layer + "attention.query", layer + "attention.key", layer + "attention.value", layer + "post_attention.conv1d",
        layer + "post_attention.layernorm", layer + "intermediate.conv1d", layer + "output.conv1d", layer + "output.layernorm");
}
