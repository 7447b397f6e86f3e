// A classifier in a web page: the model's files come from the page's server, the texts never leave the browser.
using System.Globalization;
using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;
using SqueezeBert;

[assembly: SupportedOSPlatform("browser")]

// The page calls the methods below; there is nothing to do before it does.
return;

/// <summary>What main.js calls.</summary>
internal static partial class Page
{
    private const string Folder = "/model";

    private static TextClassifier? _classifier;

    /// <summary>Puts a file that the page has fetched where the library reads it from: a file system in the page's memory.</summary>
    [JSExport]
    internal static void AddFile(string name, byte[] content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, name), content);
    }

    [JSExport]
    internal static void Load() => _classifier = TextClassifier.Load(Folder);

    /// <summary>A label and its score.</summary>
    [JSExport]
    internal static string[] Classify(string text)
    {
        var answer = _classifier!.Classify(text);
        return [answer.Label, answer.Score.ToString(CultureInfo.InvariantCulture)];
    }
}
