namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>A sentence of a file whose words have tags.</summary>
/// <param name="Words">The words.</param>
/// <param name="Tags">As many tags.</param>
/// <param name="Line">The line of its first word, or of the whole sentence.</param>
/// <param name="HasLines">Whether each word has a line of its own.</param>
/// <param name="Intent">What the whole sentence asks for; null where that is not read.</param>
internal sealed record TaggedRow(
    IReadOnlyList<string> Words, IReadOnlyList<string> Tags, long Line, bool HasLines, string? Intent = null)
{
    /// <summary>The line of a word.</summary>
    public long LineOf(int word) => HasLines ? Line + word : Line;
}
