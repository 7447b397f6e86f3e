using SqueezeBert.Files;

namespace SqueezeBert.Assistant;

/// <summary>
/// A file of an assistant (its intents and dialogue, or its conversations) cannot be used. Readers of such files throw nothing else for
/// their content, whatever its bytes are.
/// </summary>
public sealed class AssistantFileException : SqueezeBertException
{
    /// <summary>Creates the exception; its message is the line "file:line: field: reason".</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="line">The line, from 1; 0 where it is the file as a whole.</param>
    /// <param name="field">The field that is wrong, such as "dialogue.intents.set_alarm.slots"; null where there is none.</param>
    /// <param name="reason">What is wrong and the remedy.</param>
    /// <param name="inner">The exception behind this one.</param>
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

    /// <summary>The line, from 1; 0 where it is the file as a whole.</summary>
    public int Line { get; }

    /// <summary>The field that is wrong; null where there is none.</summary>
    public string? Field { get; }

    /// <summary>What is wrong and the remedy.</summary>
    public string Reason { get; }

    private static string LineOf(string file, int line, string? field, string reason)
    {
        var place = line > 0 ? FormattableString.Invariant($"{file}:{line}") : file;
        return string.Join(": ", ((string?[])[place, field, reason]).OfType<string>().Select(MessagePart.OneLine));
    }
}
