namespace SqueezeBert;

/// <summary>
/// Puts what commands print now into documents, where tests compare the two. With <see cref="Variable"/> set to 1, a block that
/// differs is rewritten in the repository, and its test passes. So new weights cost one command and a look at the difference.
/// </summary>
internal static class Rewriting
{
    public const string Variable = "SQUEEZEBERT_REWRITE_DOCUMENTS";

    // Tests of one assembly run at the same time.
    private static readonly Lock Turn = new();

    /// <summary>Whether documents are rewritten instead of compared.</summary>
    public static bool IsAsked => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>
    /// Replaces a block of a document of this repository. Equal blocks of the document are all replaced: they have equal commands.
    /// </summary>
    /// <param name="file">The path of the document below the root of the repository.</param>
    /// <param name="before">The lines of the block in the copy that was built. Line numbers would move while blocks are replaced.</param>
    /// <param name="after">The new lines.</param>
    public static void Replace(string file, string before, string after)
    {
        if (before == after) return;
        lock (Turn)
        {
            var path = Path.Combine(Root(), file);
            var (text, old) = (File.ReadAllText(path), $"\n{before}\n");
            Assert.True(text.Contains(old, StringComparison.Ordinal), $"{file} was changed after the build: build again");
            File.WriteAllText(path, text.Replace(old, $"\n{after}\n", StringComparison.Ordinal));
        }
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "SqueezeBert.slnx"))) return folder;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a clone of the repository");
    }
}
