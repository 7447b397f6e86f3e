namespace SqueezeBert.Training;

/// <summary>A recipe cannot be read or requires something impossible. The message names the file, the field and how to fix it.</summary>
public sealed class RecipeException : SqueezeBertException
{
    /// <summary>
    /// Creates the exception. Its message is "file: field: reason", or "file: reason" if <paramref name="field"/> is null.
    /// </summary>
    /// <param name="file">The path of the recipe.</param>
    /// <param name="field">The field, such as "stages[0].learning_rate", or null if the whole file is wrong.</param>
    /// <param name="reason">What is wrong and how to fix it.</param>
    /// <param name="inner">The exception that caused this one, or null.</param>
    public RecipeException(string file, string? field, string reason, Exception? inner = null)
        : base(ErrorKind.Damaged, field is null ? $"{file}: {reason}" : $"{file}: {field}: {reason}", inner)
    {
        Reason = reason;
        File = file;
        Field = field;
    }

    /// <summary>What is wrong and how to fix it, without the file and the field.</summary>
    public string Reason { get; }

    /// <summary>The path of the recipe.</summary>
    public string File { get; }

    /// <summary>The field, such as "stages[0].learning_rate", or null if the whole file is wrong.</summary>
    public string? Field { get; }
}
