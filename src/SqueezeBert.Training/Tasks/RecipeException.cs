namespace SqueezeBert.Training;

/// <summary>A recipe cannot be read or asks for something impossible. The message names the file, the field and the remedy.</summary>
public sealed class RecipeException : SqueezeBertException
{
    /// <summary>Creates the exception; its message is "file: field: reason".</summary>
    public RecipeException(string file, string? field, string reason, Exception? inner = null)
        : base(ErrorKind.Damaged, field is null ? $"{file}: {reason}" : $"{file}: {field}: {reason}", inner)
    {
        Reason = reason;
        File = file;
        Field = field;
    }

    /// <summary>What is wrong, without file and field.</summary>
    public string Reason { get; }

    /// <summary>The recipe's path.</summary>
    public string File { get; }

    /// <summary>The field, such as "stages[0].learning_rate"; null where it is the file as a whole.</summary>
    public string? Field { get; }
}
