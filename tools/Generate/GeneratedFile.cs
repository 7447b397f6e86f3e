using System.Text;

namespace SqueezeBert.Generate;

/// <summary>A source file as its generator writes it.</summary>
/// <param name="Kind">The kind of code, which is the word on the command line that writes it.</param>
/// <param name="Path">Where it is, from the root of the repository, with forward slashes.</param>
/// <param name="Text">The whole text, with line feeds.</param>
public sealed record GeneratedFile(string Kind, string Path, string Text)
{
    /// <summary>Whether the file in the tree has just this text.</summary>
    /// <param name="root">The root of the repository.</param>
    public bool IsIn(string root)
    {
        var path = System.IO.Path.Combine(root, Path);
        return File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(Text));
    }

    /// <summary>Writes the file; its folder must exist, so that a generator cannot fill one that has been moved away.</summary>
    /// <param name="root">The root of the repository.</param>
    /// <exception cref="IOException">The folder does not exist or the file cannot be written.</exception>
    public void WriteTo(string root) => File.WriteAllText(System.IO.Path.Combine(root, Path), Text);
}
