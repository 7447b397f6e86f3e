namespace SqueezeBert.ModelFolders;

/// <summary>
/// The names that checkpoints use for one and the same parameter: with and without the base model's prefix, "gamma" and "beta" of the
/// TensorFlow lineage, a tied decoder under either of its names.
/// </summary>
internal static class TensorNames
{
    /// <summary>One name for all spellings of a parameter: without prefix, "weight" and "bias".</summary>
    public static string Canonical(string name, string basePrefix)
    {
        if (name.StartsWith(basePrefix, StringComparison.Ordinal)) name = name[basePrefix.Length..];
        if (name.EndsWith(".gamma", StringComparison.Ordinal)) return string.Concat(name.AsSpan(0, name.Length - 5), "weight");
        if (name.EndsWith(".beta", StringComparison.Ordinal)) return string.Concat(name.AsSpan(0, name.Length - 4), "bias");
        return name;
    }

    /// <summary>The canonical name of the tensor that a missing one is tied to, or null.</summary>
    public static string? Tied(string canonicalName) => canonicalName switch
    {
        "cls.predictions.decoder.weight" or "vocab_projector.weight" => "embeddings.word_embeddings.weight",
        "cls.predictions.decoder.bias" => "cls.predictions.bias",
        "cls.predictions.bias" => "cls.predictions.decoder.bias",
        _ => null,
    };

    /// <summary>Whether a tensor is no parameter: the buffer of position indices that old files hold, or a tied copy.</summary>
    public static bool IsIgnored(string canonicalName) =>
        canonicalName == "embeddings.position_ids" || Tied(canonicalName) is not null;
}
