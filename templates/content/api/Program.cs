// Text encoders over HTTP. The root of the address has a page to try them on; requests.http has requests.
using SqueezeBert.Extensions;
using SqueezeBert.Models;
using SqueezeBert.Server;

var builder = WebApplication.CreateBuilder(args);

// The key is the model's name in addresses. Add one line for each model of yours: ModelPath is its folder.
builder.Services.AddKeyedSqueezeBert("sentiment", options => options.ModelPath = PretrainedModels.Sentiment);
builder.Services.AddSqueezeBertServer();

var app = builder.Build();
app.MapSqueezeBert();
app.Run();
