using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// A data file has invalid content: a malformed row, a missing column, a label that the model does not have, or text that is not UTF-8.
/// </summary>
public sealed class DataFormatException : SqueezeBertException
{
    /// <summary>Creates the exception. Its message is "file:line: reason", or "file: reason" if <paramref name="line"/> is null.</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="line">The line on which the row starts, counted from 1, or null if the whole file is wrong.</param>
    /// <param name="reason">What is wrong and, if possible, how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    public DataFormatException(string file, long? line, string reason, Exception? inner = null)
        : base(ErrorKind.Damaged, Message(file, line, reason), inner)
    {
        File = file;
        Line = line;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>The line on which the row starts, counted from 1, or null if the whole file is wrong.</summary>
    public long? Line { get; }

    /// <summary>What is wrong and, if possible, how to fix it.</summary>
    public string Reason { get; }

    private static new string Message(string file, long? line, string reason) => line is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"{MessagePart.OneLine(file)}:{number}: {MessagePart.OneLine(reason)}")
        : $"{MessagePart.OneLine(file)}: {MessagePart.OneLine(reason)}";
}
