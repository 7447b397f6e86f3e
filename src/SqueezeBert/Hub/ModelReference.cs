using System.Diagnostics.CodeAnalysis;

namespace SqueezeBert.Hub;

/// <summary>Identifies a model of the hub by its name ("owner/name" or "name") and its revision (a branch, a tag or a commit).</summary>
public sealed record ModelReference
{
    /// <summary>The prefix that distinguishes a model of the hub from a path: "hf:owner/name".</summary>
    public const string Scheme = "hf:";

    private const string DefaultRevision = "main";
    private const int MaxPartLength = 96;
    private const int MaxRevisionLength = 200;

    private ModelReference(string id, string revision) => (Id, Revision) = (id, revision);

    /// <summary>The name of the model: "owner/name", or "name" for some of the oldest models.</summary>
    public string Id { get; }

    /// <summary>The revision: a branch, a tag or a commit. The default is "main".</summary>
    public string Revision { get; }

    /// <summary>Whether the revision is a commit, and therefore always stands for the same files.</summary>
    public bool IsPinned => IsCommit(Revision);

    /// <summary>Parses "owner/name[@revision]", with or without the prefix "hf:".</summary>
    /// <param name="text">The text to parse.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ModelReference Parse(string text) => TryParse(text, out var reference)
        ? reference
        : throw new FormatException(
            $"'{Shown(text)}' is not the name of a model on the hub; it has the form owner/name or owner/name@revision, of letters, " +
                "digits, '-', '_' and '.'");

    /// <summary>Tries to parse "owner/name[@revision]", with or without the prefix "hf:".</summary>
    /// <param name="text">The text to parse.</param>
    /// <param name="reference">Receives the reference, or null if the text has another form.</param>
    /// <returns>Whether the text was parsed.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        if (text is null) return false;
        if (text.StartsWith(Scheme, StringComparison.Ordinal)) text = text[Scheme.Length..];
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var id = at < 0 ? text : text[..at];
        var revision = at < 0 ? DefaultRevision : text[(at + 1)..];
        var parts = id.Split('/');
        if (parts.Length > 2 || !parts.All(IsPart) || !IsRevision(revision)) return false;
        reference = new ModelReference(id, revision);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Revision == DefaultRevision ? Id : $"{Id}@{Revision}";

    internal static bool IsCommit(string revision) => revision.Length is 40 or 64 && revision.All(char.IsAsciiHexDigitLower);

    private static bool IsPart(string part) =>
        part.Length is > 0 and <= MaxPartLength && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.')
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal);

    // A revision is a path below refs/ as well: "refs/pr/1".
    private static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= MaxRevisionLength
            && revision.Split('/').All(part => part.Length > 0 && part[0] != '.' && part[^1] != '.'
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+'));

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
