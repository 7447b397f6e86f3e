using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>What a pipeline runs on: weights, tokenizer and the two limits of its batches.</summary>
internal sealed class PipelineModel : IDisposable
{
    private PipelineModel(InferenceModel model, BertTokenizer tokenizer, PipelineOptions options, int usualLength)
    {
        Inference = model;
        Tokenizer = tokenizer;
        Reading = ModelGraph.ReadingOf(model.Configuration);
        MaxLength = Math.Min(
            options.MaxLength ?? Math.Min(Reading.UsualLength ?? tokenizer.ModelMaxLength ?? int.MaxValue, usualLength),
            model.Configuration.MaxPositionEmbeddings);
        MaxCharacters = Reading.CutsCharacters ? Math.Min(int.MaxValue, (long)MaxLength * MedianTokenLength(tokenizer)) : null;
        BatchTokens = options.BatchTokens;
    }

    public InferenceModel Inference { get; }

    public BertTokenizer Tokenizer { get; }

    /// <summary>Which tokens of a text the model reads.</summary>
    public TextReading Reading { get; }

    /// <summary>Characters (code points) of a text that is truncated at most; null: no limit but that of the tokens.</summary>
    public long? MaxCharacters { get; }

    /// <summary>Tokens of an input at most, special tokens included.</summary>
    public int MaxLength { get; }

    /// <summary>Tokens that are computed together.</summary>
    public int BatchTokens { get; }

    public ModelConfiguration Configuration => Inference.Configuration;

    /// <param name="path">A model's folder.</param>
    /// <param name="head">What the task needs on the encoder; none takes any checkpoint.</param>
    /// <param name="options">The pipeline's.</param>
    /// <param name="shortest">The least that <see cref="PipelineOptions.MaxLength"/> may be: the special tokens and one of each
    /// text.</param>
    /// <param name="usualLength">The most tokens where the options do not say.</param>
    /// <exception cref="InvalidModelFileException">A file is missing or damaged, or the files do not fit each other.</exception>
    /// <exception cref="NotSupportedException">The checkpoint was trained for another task.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PipelineModel Load(string path, ModelHead head, PipelineOptions options, int shortest = 3, int usualLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchTokens, 1, nameof(options.BatchTokens));
        if (options.MaxLength is { } length) ArgumentOutOfRangeException.ThrowIfLessThan(length, shortest, nameof(options.MaxLength));

        // Most of a small model's loading is this, one half beside the other.
        using var reading = new Background<BertTokenizer>(() => BertTokenizer.Load(ModelFolder.FolderOf(path)));
        using var folder = ModelFolder.Open(path);
        CheckHead(path, folder.Configuration, head);
        var tokenizer = reading.Result();
        if (tokenizer.Vocabulary.Count > folder.Configuration.VocabularySize)
        {
            throw new InvalidModelFileException(
                folder.Path, "field 'vocab_size'",
                $"is {folder.Configuration.VocabularySize}, but the tokenizer has {tokenizer.Vocabulary.Count} tokens: the vocabulary is " +
                    "another model's");
        }

        if (tokenizer.ClsTokenId < 0 && ModelGraph.ReadingOf(folder.Configuration).HasSpecialTokens)
        {
            throw new InvalidModelFileException(ModelFolder.FolderOf(path), null,
                $"the tokenizer's vocabulary lacks {tokenizer.Options.ClsToken} or {tokenizer.Options.SepToken}, which the model reads " +
                    "around texts");
        }

        var model = ModelLoader.Load(folder, head, options.Inference, usedVocabulary: tokenizer.Vocabulary.Count);
        var loaded = new PipelineModel(model, tokenizer, options, usualLength);
        if (loaded.MaxLength >= shortest) return loaded;
        loaded.Dispose();
        throw new NotSupportedException($"{path} reads {loaded.MaxLength} tokens at once; this task needs {shortest}");
    }

    public void Dispose() => Inference.Dispose();

    /// <summary>Of all tokens of the vocabulary, in code points; the mean of the two in the middle, rounded down.</summary>
    private static int MedianTokenLength(BertTokenizer tokenizer)
    {
        var lengths = tokenizer.Vocabulary.Tokens.OfType<string>().Select(token => token.EnumerateRunes().Count()).Order().ToArray();
        return (lengths[(lengths.Length - 1) / 2] + lengths[lengths.Length / 2]) / 2;
    }

    /// <summary>Heads share parameter names (two kinds of "classifier"), so the class name decides where there is one.</summary>
    private static void CheckHead(string path, ModelConfiguration configuration, ModelHead head)
    {
        if (head == ModelHead.None || configuration.Architectures.Count == 0) return;
        var own = ModelGraph.HeadOf(configuration);
        if (ModelHeads.Find(own).ServesAs(head)) return;
        throw new NotSupportedException(
            $"{path} is no model for {ModelHeads.NameOf(head)}: its architecture is '{string.Join(", ", configuration.Architectures)}'");
    }
}
