namespace SqueezeBert.Tests;

/// <summary>Small folders of files with one odd thing each; see their README.</summary>
internal static class Cases
{
    /// <summary>The path of a folder or a file in it.</summary>
    public static string Folder(string name, params string[] parts) =>
        Path.Combine([AppContext.BaseDirectory, "Fixtures", "cases", name, .. parts]);

    /// <summary>A copy of a folder that a test may change.</summary>
    public static void CopyTo(string name, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Folder(name), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Folder(name), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
