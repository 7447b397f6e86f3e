using System.Collections.ObjectModel;

namespace SqueezeBert.Tokenization.Files;

/// <summary>What a tokenizer_config.json or a special_tokens_map.json says; null and empty where it says nothing.</summary>
internal sealed record TokenizerConfig
{
    /// <summary>Name of the reference's class.</summary>
    public string? TokenizerClass { get; init; }

    public bool? LowerCase { get; init; }

    /// <summary>Whether <see cref="StripAccents"/> is given: null means something there.</summary>
    public bool SaysStripAccents { get; init; }

    public bool? StripAccents { get; init; }

    public bool? HandleChineseChars { get; init; }

    public int? ModelMaxLength { get; init; }

    /// <summary>Special tokens by their field, such as "cls_token"; null where the field is.</summary>
    public IReadOnlyDictionary<string, AddedToken?> Named { get; init; } = ReadOnlyDictionary<string, AddedToken?>.Empty;

    /// <summary>Other special tokens.</summary>
    public IReadOnlyList<AddedToken> Extra { get; init; } = [];

    /// <summary>Added tokens by their ids. Where they are given, the reference reads no older file.</summary>
    public IReadOnlyList<AddedToken>? Decoder { get; init; }

    /// <summary>This one with what an older file says of special tokens, which counts more.</summary>
    public TokenizerConfig With(TokenizerConfig map)
    {
        var named = new Dictionary<string, AddedToken?>(Named, StringComparer.Ordinal);
        foreach (var (field, token) in map.Named) named[field] = token;
        return this with { Named = named, Extra = [.. Extra, .. map.Extra] };
    }
}
