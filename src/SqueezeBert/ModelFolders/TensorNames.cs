using SqueezeBert.Graphs.Architectures;

namespace SqueezeBert.ModelFolders;

/// <summary>
/// The names that checkpoints of an architecture use for the same parameter: with and without the prefix of the base model, "gamma" and
/// "beta" of TensorFlow checkpoints, and both names of a tied decoder.
/// </summary>
/// <param name="architecture">The architecture, which knows the names.</param>
/// <param name="isTied">Whether the decoder shares its weight with the word embeddings ("tie_word_embeddings").</param>
internal sealed class TensorNames(Architecture architecture, bool isTied)
{
    private readonly string _decoderWeight = architecture.Decoder + ".weight";
    private readonly string _decoderBias = architecture.Decoder + ".bias";

    /// <summary>Maps all spellings of a parameter to one name: without prefix, with "weight" and "bias".</summary>
    public string Canonical(string name)
    {
        if (name.StartsWith(architecture.Prefix, StringComparison.Ordinal)) name = name[architecture.Prefix.Length..];
        if (name.EndsWith(".gamma", StringComparison.Ordinal)) return string.Concat(name.AsSpan(0, name.Length - 5), "weight");
        if (name.EndsWith(".beta", StringComparison.Ordinal)) return string.Concat(name.AsSpan(0, name.Length - 4), "bias");
        return architecture.Canonical(name);
    }

    /// <summary>Returns the canonical name of the tensor that a missing one is tied to, or null.</summary>
    public string? Tied(string canonicalName)
    {
        if (canonicalName == _decoderWeight) return isTied ? Architecture.Words : null;
        if (_decoderBias == architecture.TiedDecoderBias) return null;
        return canonicalName == _decoderBias ? architecture.TiedDecoderBias
            : canonicalName == architecture.TiedDecoderBias ? _decoderBias
            : null;
    }

    /// <summary>Returns whether a tensor is not a parameter: the position indices in old files, or a tied copy.</summary>
    public bool IsIgnored(string canonicalName) => canonicalName == "embeddings.position_ids" || Tied(canonicalName) is not null;
}
