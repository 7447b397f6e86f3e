// The first program of README.md: vectors of three texts, and which of them answers a question.
using SqueezeBert;
using SqueezeBert.Models;

using var embedder = TextEmbedder.Load(EmbeddingModels.English);
string[] texts = ["The warranty covers two years.", "Hold the button for ten seconds to reset it.", "Charge it before the first use."];
var question = embedder.Embed("How do I restart the device?");
var scores = embedder.Embed(texts).Select(text => question.Similarity(text));
foreach (var (score, text) in scores.Zip(texts).OrderDescending())
    Console.WriteLine($"{score:0.0000}  {text}");
