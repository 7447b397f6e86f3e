// Semantic search: vectors of some sentences, and the one that is nearest to a question.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertModel");
using var embedder = TextEmbedder.Load(model.Path);

string[] sentences = ["Hold the button for ten seconds to reset the device.", "The warranty covers two years.",
    "Charge the battery before the first use."];
IReadOnlyList<TextEmbedding> vectors = embedder.Embed(sentences);
TextEmbedding question = embedder.Embed("How do I reset it?");
foreach (var (sentence, score) in sentences.Zip(vectors, (sentence, vector) => (sentence, question.Similarity(vector)))
    .OrderByDescending(pair => pair.Item2))
    Console.WriteLine($"similarity {score:0.000}: {sentence}");
Console.WriteLine($"dimensions: {embedder.Dimensions}");
