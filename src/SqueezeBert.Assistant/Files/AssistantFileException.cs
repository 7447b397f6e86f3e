using SqueezeBert.Files;

namespace SqueezeBert.Assistant;

/// <summary>
/// A file of an assistant (its intents and dialogue, or its conversations) is invalid. This is the only exception that readers of such
/// files throw because of a file's content.
/// </summary>
public sealed class AssistantFileException : SqueezeBertException
{
    /// <summary>Creates the exception. Its message is "file:line: field: reason", without the parts that are missing.</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="line">The line, from 1, or 0 if the whole file is wrong.</param>
    /// <param name="field">The field that is wrong, such as "dialogue.intents.set_alarm.slots", or null.</param>
    /// <param name="reason">What is wrong and how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    public AssistantFileException(string file, int line, string? field, string reason, Exception? inner = null)
        : base(ErrorKind.Damaged, LineOf(file, line, field, reason), inner)
    {
        File = file;
        Line = line;
        Field = field;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>The line, from 1, or 0 if the whole file is wrong.</summary>
    public int Line { get; }

    /// <summary>The field that is wrong, or null.</summary>
    public string? Field { get; }

    /// <summary>What is wrong and how to fix it.</summary>
    public string Reason { get; }

    private static string LineOf(string file, int line, string? field, string reason)
    {
        var place = line > 0 ? FormattableString.Invariant($"{file}:{line}") : file;
        return string.Join(": ", ((string?[])[place, field, reason]).OfType<string>().Select(MessagePart.OneLine));
    }
}
