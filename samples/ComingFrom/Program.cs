// The code of docs/coming-from.md, which a test compares with it.
using SqueezeBert;
using SqueezeBert.Checkpoints;
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

using var sample = await SampleModel.OpenAsync([], "SqueezeBertModel");
Pipelines(["Loved it.", "Two hours I will never get back."]);
Tokenizers(PretrainedModels.Sentiment);
HiddenStates(sample.Path);
if (args is [var file]) Vectors(file);

static void Pipelines(IReadOnlyList<string> texts)
{
    using var classifier = TextClassifier.Load(PretrainedModels.Sentiment,
        new TextClassifierOptions { Reading = new() { MaxLength = 128 } });
    foreach (Classification answer in classifier.Classify(texts))
        Console.WriteLine($"{answer.Label} {answer.Score:0.00}{(answer.Read.IsTruncated ? " (cut off)" : "")}");
}

static void Tokenizers(string folder)
{
    var tokenizer = BertTokenizer.Load(folder);
    TextEncoding encoding = tokenizer.Encode("Is it good?", "It is.", new EncodingOptions { MaxLength = 32 });
    ReadOnlySpan<int> ids = encoding.Ids, types = encoding.TypeIds;
    Console.WriteLine($"{ids.Length} tokens, {types.Length} types, text: {tokenizer.Decode(ids)}");
}

static void HiddenStates(string folder)
{
    using var extractor = FeatureExtractor.Load(folder);
    TextFeatures features = extractor.Extract("It rains.");
    ReadOnlySpan<float> cls = features[0];
    Console.WriteLine($"hidden state of [CLS]: {cls.Length} numbers of {features.TokenCount} tokens");
}

static void Vectors(string file)
{
    using var embedder = TextEmbedder.Load(file, new TextEmbedderOptions { Pooling = SentencePooling.Mean, Normalize = true });
    ReadOnlySpan<float> vector = embedder.Embed("It rains.").Vector.Span;
    Console.WriteLine($"{vector.Length} numbers");
}
