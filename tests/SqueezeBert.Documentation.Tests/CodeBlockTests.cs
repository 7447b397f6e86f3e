using Microsoft.CodeAnalysis;

namespace SqueezeBert.Documentation.Tests;

/// <summary>Every block of C# in the documentation is a program that compiles with the library as it is.</summary>
public sealed class CodeBlockTests
{
    public static TheoryData<string, int> Blocks()
    {
        var data = new TheoryData<string, int>();
        foreach (var page in Page.All)
        {
            foreach (var block in page.Blocks.Where(block => block.Language == "csharp")) data.Add(page.Path, block.Line);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void ABlockCompiles(string path, int line)
    {
        var page = Page.All.Single(page => page.Path == path);
        var errors = Snippet.Compile(page.Blocks.Single(block => block.Line == line).Text);
        Assert.True(errors.Count == 0, $"{path}:{line}:\n{string.Join('\n', errors)}");
    }

    [Fact]
    public void ABlockThatDoesNotCompileIsFound()
    {
        Assert.Empty(Snippet.Compile("Console.WriteLine(BertTokenizer.Load(folder).Count(text));"));
        Assert.NotEmpty(Snippet.Compile("Console.WriteLine(BertTokenizer.Load(folder).Cuont(text));"));
        Assert.NotEmpty(Snippet.Compile("BertTokenizer.Load(folder).Count(text)"));
    }

    /// <summary>A block in a language that no test knows would be compared with nothing.</summary>
    [Fact]
    public void BlocksSayWhatTheyAre()
    {
        var known = new[] { "csharp", "console", "sh", "json", "text", "mermaid" };
        foreach (var page in Page.All)
        {
            foreach (var block in page.Blocks)
            {
                // The code of other libraries, and bodies of requests with their addresses, which the server's tests send.
                var others = page.Path switch
                {
                    "docs/coming-from.md" => ["cs", "python"],
                    "docs/server.md" => ["json"],
                    _ => Array.Empty<string>(),
                };
                Assert.True(known.Contains(block.Language) || others.Contains(block.Language.Split(' ')[0]),
                    $"{page}:{block.Line}: '{block.Language}' is no language of a block");
            }
        }
    }

    /// <summary>A plot shows figures of the page that it is on, so that a new table cannot leave an old plot behind.</summary>
    [Fact]
    public void PlotsShowFiguresOfTheirPage()
    {
        var count = 0;
        foreach (var page in Page.All)
        {
            var cells = page.Prose.Where(line => line.Text.StartsWith('|')).SelectMany(line => line.Text.Split(' ', '|', ',')).ToHashSet();
            foreach (var row in page.Blocks.Where(block => block.Language == "mermaid").SelectMany(block => block.Text.Split('\n'))
                .Where(row => row.TrimStart().StartsWith("bar [", StringComparison.Ordinal)))
            {
                foreach (var figure in row[(row.IndexOf('[', StringComparison.Ordinal) + 1)..^1].Split(", "))
                {
                    Assert.True(cells.Contains(figure), $"{page}: {figure} of a plot is in no table");
                    count++;
                }
            }
        }

        Assert.True(count > 10, $"{count} figures");
    }

    [Fact]
    public void CodeIsNotIndentedWithoutAFence()
    {
        foreach (var page in Page.All)
        {
            var isList = false;
            foreach (var (number, text) in page.Prose)
            {
                if (text.Length > 0 && !char.IsWhiteSpace(text[0])) isList = text[0] is '*' or '-' || char.IsAsciiDigit(text[0]);
                Assert.False(!isList && text.StartsWith("    ", StringComparison.Ordinal), $"{page}:{number}: fence this block");
            }
        }
    }
}
