using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>The search in an index: each text of the command line is a query.</summary>
internal sealed partial class SimilarCommand
{
    private const int DefaultTop = 10;

    private readonly Option<string?> _index;
    private readonly Option<bool> _compatible;

    private int Search(ParseResult arguments, ToolConsole console, string path, CancellationToken cancellationToken)
    {
        CheckSearch(arguments);
        using var index = VectorIndex.Open(path);
        using var embedder = Load(arguments, console, index, cancellationToken);
        if (!arguments.GetValue(_compatible)) index.RequireModel(embedder);
        var options = new VectorIndexSearchOptions { Threads = Computing(arguments).Threads };
        var prompt = Prompt(arguments) ?? embedder.Settings.QueryPromptName;
        var texts = Texts(arguments);
        var truncated = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            var query = embedder.Embed(texts[i], prompt, cancellationToken: cancellationToken);
            if (query.Read.IsTruncated) truncated++;
            var matches = index.Search(query.Vector.Span, arguments.GetValue(_top) ?? DefaultTop, options, cancellationToken);
            if (IsJson(arguments)) WriteJson(console, index, texts[i], matches);
            else WritePlain(console, index, texts.Count == 1 ? null : texts[i], matches);
            if (i + 1 < texts.Count && !IsJson(arguments)) console.Output.WriteLine();
        }

        TellTruncated(arguments, console, truncated, texts.Count);
        return ExitCode.Success;
    }

    private void CheckSearch(ParseResult arguments)
    {
        if (Texts(arguments).Count == 0) throw new UsageException("give a query, or several");
        if (FileName(arguments) is not null || Column(arguments) is not null || PairColumn(arguments) is not null)
            throw new UsageException("with --index, the texts are in the index: --file, --text and --pair are for a search without one");
        if (arguments.GetValue(_documentPrompt) is not null)
            throw new UsageException("with --index, --document-prompt was the --prompt of squeezebert index");
        if (HasDimensions(arguments)) throw new UsageException("with --index, the dimensions are those of the index");
    }

    /// <summary>The embedder, with as many dimensions as the index has.</summary>
    private TextEmbedder Load(ParseResult arguments, ToolConsole console, VectorIndex index, CancellationToken cancellationToken)
    {
        try
        {
            return Load(arguments, console, cancellationToken, index.Dimensions);
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == nameof(TextEmbedderOptions.Dimensions))
        {
            throw new UnsupportedModelException(string.Create(CultureInfo.InvariantCulture,
                $"{index.Path} has vectors of {index.Dimensions} components, and the model makes shorter ones: it is another's index"));
        }
    }

    private static void WriteJson(ToolConsole console, VectorIndex index, string query, IReadOnlyList<VectorMatch> matches)
    {
        foreach (var match in matches)
        {
            var answer = new JsonObject { ["query"] = query, ["row"] = match.Row };
            if (index.HasTexts) answer["text"] = index.Text(match.Row);
            answer["score"] = AnswerRecords.Number(match.Score);
            console.WriteJson(answer);
        }
    }

    private static void WritePlain(ToolConsole console, VectorIndex index, string? query, IReadOnlyList<VectorMatch> matches)
    {
        if (query is not null) console.Output.WriteLine(Excerpt.Of(query));
        foreach (var match in matches)
        {
            var text = index.HasTexts ? Excerpt.Of(index.Text(match.Row)) : string.Create(CultureInfo.InvariantCulture, $"row {match.Row}");
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{match.Score:0.0000}  {text}"));
        }
    }
}
