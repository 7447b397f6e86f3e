using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A file of a model (weights, configuration, vocabulary, tokenizer) is damaged, hostile or of a kind that is not supported.
/// Readers of model files throw nothing else for the content of a file, whatever its bytes are.
/// </summary>
public sealed class InvalidModelFileException : SqueezeBertException
{
    /// <summary>Creates the exception; its message is the line "file: item: reason" (without the item where there is none).</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="item">The tensor, field or line that is wrong, or null where it is the file as a whole.</param>
    /// <param name="reason">What is wrong and, where there is one, the remedy.</param>
    /// <param name="inner">The exception behind this one.</param>
    /// <param name="kind">What kind of trouble it is.</param>
    public InvalidModelFileException(
        string file, string? item, string reason, Exception? inner = null, ErrorKind kind = ErrorKind.Damaged)
        : base(kind, Line(file, item, reason), inner)
    {
        File = file;
        Item = item;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>The tensor, field or line that is wrong; null where it is the file as a whole.</summary>
    public string? Item { get; }

    /// <summary>What is wrong and, where there is one, the remedy.</summary>
    public string Reason { get; }

    private static string Line(string file, string? item, string reason) =>
        string.Join(": ", ((string?[])[file, item, reason]).OfType<string>().Select(MessagePart.OneLine));
}
