// The first program of README.md: vectors of three texts, and which of them is most like a fourth.
using SqueezeBert;
using SqueezeBert.Models;

using var embedder = TextEmbedder.Load(PretrainedModels.Sentiment);
string[] reviews = ["It broke after a week.", "I loved every minute.", "Two hours I will never get back."];
var wanted = embedder.Embed("What a wonderful film!");
var scores = embedder.Embed(reviews).Select(review => wanted.Similarity(review));
foreach (var (score, review) in scores.Zip(reviews).OrderDescending())
    Console.WriteLine($"{score:0.0000}  {review}");
