using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A file of a model (weights, configuration, vocabulary or tokenizer) is damaged, malicious or not supported. This is the only exception
/// that readers of model files throw because of a file's content.
/// </summary>
public sealed class InvalidModelFileException : SqueezeBertException
{
    /// <summary>
    /// Creates the exception. Its message is the line "file: item: reason", or "file: reason" if <paramref name="item"/> is null.
    /// </summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="item">The tensor, field or line that is wrong, or null if the whole file is wrong.</param>
    /// <param name="reason">What is wrong and, if possible, how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    /// <param name="kind">The kind of the problem.</param>
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

    /// <summary>The tensor, field or line that is wrong, or null if the whole file is wrong.</summary>
    public string? Item { get; }

    /// <summary>What is wrong and, if possible, how to fix it.</summary>
    public string Reason { get; }

    private static string Line(string file, string? item, string reason) =>
        string.Join(": ", ((string?[])[file, item, reason]).OfType<string>().Select(MessagePart.OneLine));
}
