using System.Diagnostics;
using System.Text;
using SqueezeBert.Assistant.Files;

namespace SqueezeBert.Assistant.Tests.Files;

public sealed class YamlReaderTests
{
    [Fact]
    public void TextsListsAndMapsKeepTheirLines()
    {
        var root = Read("a: 1\nb:\n- x\n- 'y'\nc: |\n  - one\n  - two\n");
        var fields = root.Fields!;
        Assert.Equal(["a", "b", "c"], fields.Select(field => field.Name));
        Assert.Equal(("1", 1), (fields[0].Value.Text, fields[0].Line));
        Assert.Equal(["x", "y"], fields[1].Value.Items!.Select(item => item.Text!));
        Assert.Equal((4, "- one\n- two\n", 5, true),
            (fields[1].Value.Items![1].Line, fields[2].Value.Text, fields[2].Value.Line, fields[2].Value.IsBlock));
    }

    [Theory]
    [InlineData("a: &x [1]\nb: *x\n", 2, "alias")]
    [InlineData("a: !!python/object:os.system x\n", 1, "tag")]
    [InlineData("a: 1\na: 2\n", 2, "twice")]
    [InlineData("? [1]\n: 2\n", 1, "name of a field")]
    [InlineData("a: 1\n---\nb: 2\n", 0, "second document")]
    [InlineData("a: [1\n", 0, "is not YAML")]
    [InlineData("a: \"\\ud800\"\n\t- b", 0, "is not YAML")]
    [InlineData("", 0, "is empty")]
    public void WhatIsNoPlainDocumentIsRefused(string text, int line, string reason)
    {
        var error = Assert.Throws<AssistantFileException>(() => Read(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(line > 0 ? $"file.yml:{line}: " : "file.yml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileFilesEndSoonWithTheOneException()
    {
        var bombs = new List<string>
        {
            // The billion laughs; depth in both styles; a bracket that never closes; one line of 4 MB; very many keys.
            "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
            new string('[', 500_000),
            string.Concat(Enumerable.Repeat("- ", 100_000)),
            string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{new string(' ', i)}a:\n")),
            string.Concat(Enumerable.Repeat("{a: ", 100_000)),
            "a: \"" + new string('x', 4_000_000),
            string.Concat(Enumerable.Range(0, 250_000).Select(i => $"- {i}\n")),
            "\0\u0001\u0002",
            "a: |\n" + string.Concat(Enumerable.Repeat("  - x\n", 100_000)) + " b\n",
        };
        foreach (var bomb in bombs)
        {
            var watch = Stopwatch.StartNew();
            var error = Assert.Throws<AssistantFileException>(() => Definitions.DefinitionTests.Read(Encoding.UTF8.GetBytes(bomb)));
            Assert.True(error.Message.Length < 1_000);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed} for {bomb[..Math.Min(10, bomb.Length)]}");
        }

        Assert.Throws<AssistantFileException>(() => YamlReader.Read("file.yml", new byte[YamlReader.MaxBytes + 1]));
        Assert.Throws<AssistantFileException>(() => YamlReader.Read("file.yml", [0xC3, 0x28]));
        Assert.Throws<AssistantFileException>(() => YamlReader.ReadFile("there is none.yml"));
    }

    [Fact]
    public void AnyChangedByteIsReadOrRefused()
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Sample", "home.yml"));
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var changed = (byte[])bytes.Clone();
            for (var k = 0; k < 3; k++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                Definitions.DefinitionTests.Read(changed);
            }
            catch (AssistantFileException)
            {
            }
        }
    }

    private static YamlNode Read(string text) => YamlReader.Read("file.yml", Encoding.UTF8.GetBytes(text));
}
