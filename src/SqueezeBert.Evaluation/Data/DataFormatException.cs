using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// A data file does not hold what it should: a malformed row, a missing column, a label that the model does not have, text that is not
/// UTF-8.
/// </summary>
public sealed class DataFormatException : SqueezeBertException
{
    /// <summary>Creates the exception; its message is "file:line: reason" (without the line where it is the file as a whole).</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="line">The line, counted from 1, on which the row starts; null where it is the file as a whole.</param>
    /// <param name="reason">What is wrong and, where there is one, the remedy.</param>
    /// <param name="inner">The exception behind this one.</param>
    public DataFormatException(string file, long? line, string reason, Exception? inner = null)
        : base(ErrorKind.Damaged, Message(file, line, reason), inner)
    {
        File = file;
        Line = line;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>The line, counted from 1, on which the row starts; null where it is the file as a whole.</summary>
    public long? Line { get; }

    /// <summary>What is wrong and, where there is one, the remedy.</summary>
    public string Reason { get; }

    private static new string Message(string file, long? line, string reason) => line is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"{MessagePart.OneLine(file)}:{number}: {MessagePart.OneLine(reason)}")
        : $"{MessagePart.OneLine(file)}: {MessagePart.OneLine(reason)}";
}
