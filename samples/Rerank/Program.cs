// What was found, in the order of its relevance to a question (ms-marco-MiniLM, bge-reranker of BERT's kind).
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForSequenceClassification", "relevant");
using var reranker = TextReranker.Load(model.Path);

string[] found = ["The warranty covers two years.", "Hold the button for ten seconds to reset the device.", "Charge it before use."];
foreach (var text in reranker.Rank("How do I reset it?", found)) Console.WriteLine($"rank {text.Index}: {text.Score:0.000} {text.Text}");
