namespace SqueezeBert.Cli.Pages;

/// <summary>
/// The style sheet of a page. It has no '&lt;', '&gt;' and '&amp;', which XML would write otherwise than HTML reads them.
/// </summary>
internal static class PageStyle
{
    private static readonly Lazy<string> Text = new(Read);

    public static string Css => Text.Value;

    private static string Read()
    {
        using var stream = typeof(PageStyle).Assembly.GetManifestResourceStream("PageStyle.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
